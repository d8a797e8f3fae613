// Which names in /etc sandboxes are not shown, although every user of the machine may read them:
//   - accounts, keys and passwords, and who may administer the machine;
//   - the machine's identity, and the configuration of its disks, networks and services;
//   - the server's configuration;
//   - files that are named as keys or passwords, in whatever folder.
#pragma once

#include <string_view>

namespace pawl {

// Whether a file or folder may be shown, by its path below /etc: "ssl/certs".
bool may_be_shown(std::string_view path);

} // namespace pawl
