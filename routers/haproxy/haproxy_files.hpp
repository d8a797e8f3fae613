// The surroundings of pawld's HAProxy: its directory and files, its account and program, and the
// checks of values that are written into its configuration.
#pragma once

#include "routers/router.hpp"

#include <filesystem>

namespace pawl {

// Creates the directory, accessible to its owner only.
result<void> haproxy_make_directory(const std::filesystem::path& directory);

// Replaces a file atomically: readers see the old or the new contents. Not durable: after a power
// loss the server writes it again before it starts HAProxy.
result<void> haproxy_replace_file(const std::filesystem::path& path, const std::string& contents);

// haproxy in PATH, else /usr/sbin/haproxy.
std::filesystem::path haproxy_program();

// The user that HAProxy switches to: "haproxy" if this process is root and that user and group
// exist; else empty.
std::string haproxy_user();

// The connections that HAProxy may have at once, from the number of files that this process may
// open.
unsigned haproxy_connections();

// invalid_argument unless it is IP:PORT.
result<void> haproxy_check_listen(const std::string& listen);

// The route with its addresses as HAProxy lists them, each once. invalid_argument if a part of it
// must not be written into a command or a configuration.
result<route> haproxy_check_route(const route& to);

} // namespace pawl
