// pawld --init: everything that a new server needs, in one directory.
#pragma once

#include <filesystem>
#include <string>

namespace pawl {

struct init_request {
  std::filesystem::path directory;
  std::string listen = "0.0.0.0:7420"; // HOST:PORT of the TLS listener
  std::string domain = {};             // of the apps; empty: the default
  bool service = false;                // with the default places, and no token
  bool json = false;                   // one document on stdout, and prose on stderr
};

// Makes the directory's pawld.toml, a private authority, a server's certificate and key, and a
// store with one admin token; prints how to start the server, and the command that connects another
// machine. For a service of the machine, data and socket are in their default places, and the first
// token is made by root when the server runs. Returns the exit status. If anything fails, nothing
// of it is left.
int set_up_server(const init_request& wanted);

} // namespace pawl
