// The pawld.toml that a new server begins with.
#pragma once

#include <string>
#include <string_view>

namespace pawl::config {

struct new_server_settings {
  std::string listen;           // of the TLS listener: IP:PORT
  std::string domain = {};      // of the router; empty: the default
  std::string certificate = {}; // paths, relative to the file
  std::string key = {};
  std::string data_dir = {};
  std::string socket = {};
};

// A file with comments, as read_server_config() takes it.
std::string new_server_config(const new_server_settings& settings);

} // namespace pawl::config
