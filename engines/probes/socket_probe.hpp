// The probe that asks over TCP.
#pragma once

#include "engines/probe.hpp"

namespace pawl {

class socket_probe : public probe {
public:
  // Asks with `Connection: close`, and with settings.host as Host, or localhost; reads only the
  // status line: the rest of the answer may have any length. Control characters in the detail are
  // escaped. For an address that is not IP:PORT the answer is not ok.
  probe_answer ask(const std::string& address, const health_settings& settings) override;
};

} // namespace pawl
