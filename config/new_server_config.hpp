// The pawld.toml that a new server begins with.
#pragma once

#include <string>

namespace pawl::config {

struct new_server_settings {
  std::string listen;           // of the TLS listener: IP:PORT
  std::string domain = {};      // of the router; empty: the default
  std::string certificate = {}; // paths, relative to the file
  std::string key = {};
  std::string data_dir = {}; // empty: the default, as for the next
  std::string socket = {};
};

// A file as read_server_config() takes it. A setting that is not said stands there with its
// default, as a comment: "# KEY = VALUE", or "# [TABLE]" with all that is in it. With a domain, the
// router listens for other machines too.
std::string new_server_config(const new_server_settings& settings);

} // namespace pawl::config
