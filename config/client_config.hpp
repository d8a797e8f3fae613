// Reads and writes the settings that a person has for the CLI: $XDG_CONFIG_HOME/pawl/config.toml.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::config {

// A server that the person has logged in to.
struct stored_server {
  std::string name;
  std::string address;                         // HOST:PORT or unix:PATH
  std::optional<std::string> fingerprint = {}; // of the server's key; without one its name counts
  secret token = {};                           // for this address alone
};

struct client_config {
  std::optional<std::string> server = {}; // as with --server: a name or an address
  std::vector<stored_server> servers = {};

  // Nothing if there is none of that name.
  const stored_server* find(std::string_view name) const;

  bool has_tokens() const;
};

// Whether the text can be the name of a stored server: 1 to 100 characters of [A-Za-z0-9._-], the
// first of them no dot and no hyphen.
bool is_server_name(std::string_view text);

// Fails with one invalid_argument error whose message has a line for each problem. No message shows
// a token.
result<client_config> read_client_config(std::string_view text);

// The whole file, as read_client_config() reads it; with the tokens.
secret write_client_config(const client_config& config);

} // namespace pawl::config
