// The probe that asks over TCP.
#pragma once

#include "engines/probe.hpp"

namespace pawl {

class socket_probe : public probe {
public:
  // Asks with `Host: localhost` and `Connection: close`, and reads no further than the status line:
  // what an instance says after it can be as long as it likes. The detail's control characters are
  // escaped. An address that is not IP:PORT is an answer that is not ok.
  probe_answer ask(const std::string& address, const health_settings& settings) override;
};

} // namespace pawl
