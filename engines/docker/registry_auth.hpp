// The headers by which the daemon is given logins for registries.
#pragma once

#include "engines/docker/docker_host.hpp"

namespace pawl {

// "X-Registry-Auth: …" for a pull from this registry; "" without a login for it. The password is
// read now: invalid_argument with its file.
result<std::string> pull_login(const std::vector<registry_login>& logins,
                               const std::string& registry);

// "X-Registry-Config: …" for a build, whose FROM may name any registry; "" without logins.
result<std::string> build_logins(const std::vector<registry_login>& logins);

} // namespace pawl
