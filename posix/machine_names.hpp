// The names by which others reach this machine. Any thread.
#pragma once

#include <optional>
#include <string>

namespace pawl {

// As `hostname` says it; empty if the machine has none.
std::string host_name();

// The IP address that this machine has for those it talks to beyond its own networks: of IPv4, else
// of IPv6. Nothing if it has no route to them. Nothing is sent.
std::optional<std::string> outgoing_address();

} // namespace pawl
