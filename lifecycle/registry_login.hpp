// With which name and password the server asks a registry for images.
#pragma once

#include <filesystem>
#include <string>

namespace pawl {

struct registry_login {
  std::string registry; // as image_reference::registry has it
  std::string user;
  // Absolute. It is read when an image is pulled (posix/secret_file.hpp), up to
  // limits::registry_password_bytes: a password that is changed there needs no restart.
  std::filesystem::path password_file;

  friend bool operator==(const registry_login&, const registry_login&) = default;
};

} // namespace pawl
