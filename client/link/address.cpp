#include "client/link/address.hpp"

#include "client/link/server_file.hpp"
#include "config/values.hpp"
#include "lifecycle/names.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

result<known_server> known(const config::stored_server& stored) {
  auto address = parse_address(stored.address);
  if (!address)
    return std::move(address).error();
  return known_server{*std::move(address), stored.fingerprint, stored.token};
}

error no_such_server(std::string_view text, const config::client_config& stored) {
  std::vector<std::string> names;
  for (const auto& each : stored.servers)
    names.push_back(each.name);
  auto near = config::nearest(text, names);
  return {errc::invalid_argument,
          fmt::format("\"{}\" is no server: use a name that `pawl servers` lists, HOST:PORT, or "
                      "unix:PATH{}; to add one: pawl login HOST:PORT",
                      printable(text), near ? fmt::format("; did you mean {}?", *near) : ""),
          {{"server", valid_utf8(text)}}};
}

// A name or an address, with what is stored for it.
result<known_server> look_up(std::string_view text, const config::client_config& stored) {
  if (const auto* found = stored.find(text))
    return known(*found);
  auto address = parse_address(text);
  if (!address)
    return text.starts_with("unix:") ? std::move(address).error() : no_such_server(text, stored);
  for (const auto& each : stored.servers)
    if (auto server = known(each); server && server->address == *address)
      return server;
  return known_server{*std::move(address)};
}

// The variables are meant for the server that is found where none is chosen.
bool environment_is_for(const server_address& address, const config::client_config& stored,
                        const config::surroundings& here) {
  const auto variable = here.variable("PAWL_SERVER");
  const auto usual = variable ? variable : stored.server;
  if (!usual)
    return true;
  const auto other = look_up(*usual, stored);
  return other && other->address == address;
}

result<void> take_environment(known_server& server, const config::client_config& stored,
                              const config::surroundings& here) {
  if (!server.address.over_tls() || !environment_is_for(server.address, stored, here))
    return {};
  if (auto fingerprint = here.variable("PAWL_FINGERPRINT")) {
    if (!is_digest(*fingerprint))
      return error{errc::invalid_argument,
                   fmt::format("PAWL_FINGERPRINT is \"{}\", but must be \"sha256:\" and 64 "
                               "hexadecimal digits",
                               printable(*fingerprint)),
                   {}};
    server.fingerprint = std::move(fingerprint);
  }
  if (auto token = here.variable("PAWL_TOKEN"))
    server.token = secret{*std::move(token)};
  return {};
}

result<config::client_config> stored_servers(const config::surroundings& here) {
  auto path = config::client_config_file(here);
  return path ? read_server_file(*path) : config::client_config{};
}

} // namespace

result<known_server> find_server(std::string_view chosen, const config::surroundings& here) {
  const auto variable = here.variable("PAWL_SERVER");
  // A socket needs nothing that is stored: the file may be wrong then.
  const std::string_view first = chosen.empty() && variable ? *variable : chosen;
  if (first.starts_with("unix:"))
    return look_up(first, {});
  auto stored = stored_servers(here);
  if (!stored)
    return std::move(stored).error();
  const auto usual = variable ? variable : stored->server;
  if (chosen.empty() && !usual) {
    auto socket = config::default_socket(here);
    if (!socket)
      return std::move(socket).error();
    return known_server{{socket->string()}};
  }
  auto server = look_up(chosen.empty() ? *usual : chosen, *stored);
  if (server)
    if (auto taken = take_environment(*server, *stored, here); !taken)
      return std::move(taken).error();
  return server;
}

result<known_server> new_server(std::string_view address, const config::surroundings& here) {
  auto parsed = parse_address(address);
  if (!parsed)
    return std::move(parsed).error();
  auto stored = stored_servers(here);
  if (!stored)
    return std::move(stored).error();
  known_server server{*std::move(parsed)};
  if (auto taken = take_environment(server, *stored, here); !taken)
    return std::move(taken).error();
  return server;
}

} // namespace pawl::client
