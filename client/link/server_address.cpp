#include "client/link/server_address.hpp"

#include "config/values.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pawl::client {

namespace {

constexpr std::string_view unix_prefix = "unix:";

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

} // namespace

result<server_address> parse_address(std::string_view text) {
  if (text.starts_with(unix_prefix) && text.size() > unix_prefix.size())
    return server_address{std::string{text.substr(unix_prefix.size())}};
  if (text.starts_with(unix_prefix) || !config::is_host_and_port(text))
    return error{
        errc::invalid_argument,
        fmt::format("\"{}\" is not the address of a server: use HOST:PORT, such as "
                    "deploy.example.org:7420, or unix:PATH, such as unix:/run/pawl/pawld.sock",
                    printable(text)),
        {}};
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  if (host.starts_with('['))
    host = host.substr(1, host.size() - 2);
  server_address address{{}, lower(host)};
  const auto digits = text.substr(colon + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  return address;
}

std::string to_string(const server_address& address) {
  if (!address.over_tls())
    return std::string{unix_prefix} + address.unix_path;
  const bool brackets = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", address.host, brackets ? "]" : "",
                     address.port);
}

} // namespace pawl::client
