#include "bin/pawld/endpoint.hpp"

#include "posix/machine_names.hpp"

#include <fmt/format.h>

namespace pawl {

endpoint parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  if (host.starts_with('['))
    host = host.substr(1, host.size() - 2);
  return {std::move(host), text.substr(colon + 1)};
}

std::string to_text(const endpoint& where) {
  const bool brackets = where.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", where.host, brackets ? "]" : "", where.port);
}

bool is_any_address(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

std::string reached_host(const std::string& host) {
  return is_any_address(host) ? outgoing_address().value_or("127.0.0.1") : host;
}

} // namespace pawl
