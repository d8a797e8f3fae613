// The places and the properties by which the CLI knows a server.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawl::client {

struct server_address {
  std::string unix_path = {}; // of the server's socket; empty: the server is reached over TLS
  std::string host = {};      // a name in lower case, or an IP address without brackets
  std::uint16_t port = 0;

  bool over_tls() const { return unix_path.empty(); }

  friend bool operator==(const server_address&, const server_address&) = default;
};

// "unix:PATH", "HOST:PORT" or "[IPV6]:PORT". invalid_argument for anything else.
result<server_address> parse_address(std::string_view text);

// In the form that parse_address() takes.
std::string to_string(const server_address& address);

// A server, and how the two sides know each other over TLS; on a unix socket the kernel says it.
struct known_server {
  server_address address = {};
  std::optional<std::string> fingerprint = {}; // of the server's key; without one its name counts
  secret token = {};                           // of the person; for this address alone
};

} // namespace pawl::client
