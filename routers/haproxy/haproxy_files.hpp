// What stands around an HAProxy of ours: its directory and files, the account it runs under, its
// program, and what may be written into its configuration.
#pragma once

#include "routers/router.hpp"

#include <filesystem>

namespace pawl {

// Makes the directory, for its owner alone.
result<void> haproxy_make_directory(const std::filesystem::path& directory);

// Writes a whole file under another name, then renames it: readers see the old one or the new one.
// Not durable: after a loss of power the server writes it again before it starts HAProxy.
result<void> haproxy_replace_file(const std::filesystem::path& path, const std::string& contents);

// haproxy in PATH, else /usr/sbin/haproxy.
std::filesystem::path haproxy_program();

// The user that HAProxy becomes: "haproxy" if this process is root and there is such a user and
// group; else empty.
std::string haproxy_user();

// How many connections it may take at once, given how many files this process may open at most.
unsigned haproxy_connections();

// invalid_argument unless it is IP:PORT.
result<void> haproxy_check_listen(const std::string& listen);

// The route with its addresses in the form in which HAProxy lists them, each once.
// invalid_argument if something in it may not be written into a command or a configuration.
result<route> haproxy_check_route(const route& to);

} // namespace pawl
