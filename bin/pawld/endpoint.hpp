// HOST:PORT in parts, and how others reach what listens there.
#pragma once

#include <string>

namespace pawl {

struct endpoint {
  std::string host; // a name or an IP address, without brackets
  std::string port;
};

// `text` is HOST:PORT or [IPV6]:PORT.
endpoint parse_endpoint(const std::string& text);
std::string to_text(const endpoint& where);

// Whether it stands for all addresses of the machine.
bool is_any_address(const std::string& host);

// How others reach what listens at this host: by its name, or by the address that this machine has
// for others where it stands for all; the loopback's if it has none.
std::string reached_host(const std::string& host);

} // namespace pawl
