#include "client/link/address.hpp"

#include "config/client_config.hpp"
#include "config/values.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace pawl::client {

result<server_address> parse_server(std::string_view text) {
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix) && text.size() > unix_prefix.size())
    return server_address{std::string{text.substr(unix_prefix.size())}};
  if (!text.starts_with(unix_prefix) && config::is_host_and_port(text))
    return error{
        errc::unavailable,
        fmt::format("the server {} cannot be reached: this build speaks unix sockets only; "
                    "use unix:PATH on the server's machine",
                    printable(text)),
        {}};
  return error{errc::invalid_argument,
               fmt::format("\"{}\" is no server: use unix:PATH, such as unix:/run/pawl/pawld.sock",
                           printable(text)),
               {}};
}

result<server_address> find_server(std::string_view chosen, const config::surroundings& here) {
  if (!chosen.empty())
    return parse_server(chosen);
  if (auto variable = here.variable("PAWL_SERVER"))
    return parse_server(*variable);
  if (auto path = config::client_config_file(here); path && std::filesystem::exists(*path)) {
    std::ifstream file{*path, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto read = config::read_client_config(text);
    if (!read)
      return error{
          errc::invalid_argument, fmt::format("{}:\n{}", path->string(), read.error().message), {}};
    if (read->server)
      return parse_server(*read->server);
  }
  auto socket = config::default_socket(here);
  if (!socket)
    return std::move(socket).error();
  return server_address{socket->string()};
}

} // namespace pawl::client
