// The server's socket file: made, judged, removed. No actors here.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"
#include "posix/directory_lock.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <sys/types.h>

namespace pawl::gateway {

// A socket that listens, and the file it made.
struct bound_socket {
  pawl::descriptor descriptor; // non-blocking, close-on-exec
  std::filesystem::path path;
  dev_t device = 0;
  ino_t inode = 0;
};

// Listens at the path. The file has mode 0600 from its first moment; if a group is named, it is
// that group's and has mode 0660 before anybody can connect. Missing directories above it are made
// with mode 0700. A socket at which nobody listens any more is replaced. Errors: invalid_argument
// for a path that is too long or holds something else than a socket, and for a group that does not
// exist, or that this process cannot give a file; unavailable when another process goes on
// listening there or the file cannot be made. Waits so long for that to end, and a second longer
// for another process that does the same in the same directory.
result<bound_socket> bind_unix_socket(const std::filesystem::path& path,
                                      std::chrono::milliseconds wait = directory_lock::patience,
                                      const std::string& group = {});

// Removes the socket's file, if it is still the one that was made; once.
void remove_socket_file(bound_socket& socket);

// The user at the other end of a connected socket, by the kernel's word: the name from the user
// database, else "uid:N". Nothing if the kernel does not say.
std::optional<uid_t> peer_uid(int descriptor);
std::string user_name(uid_t uid);

} // namespace pawl::gateway
