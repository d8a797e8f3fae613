#include "gateway/transport/unix_socket.hpp"

#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pawl::gateway {

namespace {

constexpr mode_t socket_mode = S_IRUSR | S_IWUSR;
constexpr int backlog = 1024; // a burst of clients; the kernel caps it at somaxconn

error cannot_listen(const std::filesystem::path& path, std::string_view why) {
  return {errc::unavailable,
          fmt::format("cannot listen on {}: {}", path.string(), why),
          {{"socket", path.string()}}};
}

result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& text = path.native();
  if (text.empty() || text.size() >= sizeof address.sun_path)
    return error{errc::invalid_argument,
                 fmt::format("the socket's path \"{}\" has {} bytes, and a socket takes 1 to {}: "
                             "choose another in [listen] socket",
                             text, text.size(), sizeof address.sun_path - 1),
                 {{"socket", text}}};
  std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
  return address;
}

const sockaddr* as_sockaddr(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Judging a socket file and replacing it are two steps; the lock keeps a second server from taking
// them in between. It is on the directory, so that no lock file is left behind.
result<descriptor> lock_directory(const std::filesystem::path& directory,
                                  std::chrono::milliseconds wait) {
  constexpr auto bind_time = std::chrono::seconds{1}; // of another server, which waited with it too
  constexpr auto pause = std::chrono::milliseconds{10};
  const auto& name = directory.empty() ? std::filesystem::path{"."} : directory;
  descriptor held{::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!held)
    return cannot_listen(directory,
                         fmt::format("the directory cannot be opened: {}", system_reason(errno)));
  auto end = std::chrono::steady_clock::now() + wait + bind_time;
  while (::flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= end)
      return cannot_listen(directory, "another process holds a lock on the directory");
    std::this_thread::sleep_for(pause);
  }
  return held;
}

enum class listening { nobody, somebody };

// Whether a connection to the socket is made; `pid` becomes the process that listened there first,
// 0 if the kernel does not say.
result<listening> probe_socket(const std::filesystem::path& path, const sockaddr_un& address,
                               pid_t& pid) {
  descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!probe)
    return cannot_listen(path, system_reason(errno));
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::connect(probe.get(), as_sockaddr(address), sizeof address) == 0) {
    if (::getsockopt(probe.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0)
      pid = credentials.pid;
    return listening::somebody;
  }
  if (errno == EAGAIN) // its queue of new connections is full
    return listening::somebody;
  if (errno == ECONNREFUSED || errno == ENOENT)
    return listening::nobody;
  return cannot_listen(path, system_reason(errno));
}

// As for the lock of the data directory: a child of a server that was killed may have the socket
// for a moment.
result<void> wait_for_nobody(const std::filesystem::path& path, const sockaddr_un& address,
                             std::chrono::milliseconds wait) {
  constexpr auto pause = std::chrono::milliseconds{100}; // a server that lives accepts each probe
  const auto end = std::chrono::steady_clock::now() + wait;
  pid_t pid = 0;
  for (;;) {
    auto found = probe_socket(path, address, pid);
    if (!found)
      return std::move(found).error();
    if (*found == listening::nobody)
      return {};
    if (std::chrono::steady_clock::now() >= end)
      break;
    std::this_thread::sleep_for(pause);
  }
  return error{errc::unavailable,
               fmt::format("another pawld{} listens on {}: stop it, or choose another path in "
                           "[listen] socket",
                           pid == 0 ? "" : fmt::format(", process {},", pid), path.string()),
               {{"socket", path.string()}}};
}

// Frees the path: nothing is there, or a socket at which nobody listens, which is removed.
result<void> clear_path(const std::filesystem::path& path, const sockaddr_un& address,
                        std::chrono::milliseconds wait) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return errno == ENOENT ? result<void>{} : cannot_listen(path, system_reason(errno));
  if (!S_ISSOCK(found.st_mode))
    return error{errc::invalid_argument,
                 fmt::format("{} exists and is no socket: choose another path in [listen] socket, "
                             "or remove it",
                             path.string()),
                 {{"socket", path.string()}}};
  if (auto nobody = wait_for_nobody(path, address, wait); !nobody)
    return nobody;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return cannot_listen(path, fmt::format("the old socket stays: {}", system_reason(errno)));
  return {};
}

error wrong_group(const std::string& group, std::string_view why) {
  return {errc::invalid_argument,
          fmt::format("the socket cannot be the group \"{}\"'s: {}. Correct [listen] socket_group",
                      group, why),
          {{"group", group}}};
}

// Nothing for no group.
result<std::optional<gid_t>> find_group(const std::string& name) {
  if (name.empty())
    return std::optional<gid_t>{};
  group entry{};
  group* found = nullptr;
  std::vector<char> buffer(64 * 1024); // of all members' names
  const int failed = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failed != 0)
    return wrong_group(name, system_reason(failed));
  if (found == nullptr)
    return wrong_group(name, "there is no such group; make it with groupadd");
  return std::optional{entry.gr_gid};
}

// The group first: with the mode alone the socket would be another group's for a moment.
result<void> give_to_group(const std::filesystem::path& path, const std::string& name, gid_t gid) {
  constexpr mode_t mode = socket_mode | S_IRGRP | S_IWGRP;
  if (::lchown(path.c_str(), static_cast<uid_t>(-1), gid) != 0 || ::chmod(path.c_str(), mode) != 0)
    return wrong_group(name, fmt::format("{}; pawld runs as root, or as a member of the group",
                                         system_reason(errno)));
  return {};
}

} // namespace

result<bound_socket> bind_unix_socket(const std::filesystem::path& path,
                                      std::chrono::milliseconds wait, const std::string& group) {
  auto address = address_of(path);
  if (!address)
    return std::move(address).error();
  auto gid = find_group(group);
  if (!gid)
    return std::move(gid).error();
  if (auto made = make_directories(path.parent_path()); !made)
    return cannot_listen(path, made.error().message);
  auto lock = lock_directory(path.parent_path(), wait);
  if (!lock)
    return std::move(lock).error();
  if (auto cleared = clear_path(path, *address, wait); !cleared)
    return std::move(cleared).error();

  descriptor listening{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!listening)
    return cannot_listen(path, system_reason(errno));
  // Linux gives the file the mode of the unbound socket: no moment with another mode, and no umask
  // of the whole process to change.
  if (::fchmod(listening.get(), socket_mode) != 0 ||
      ::bind(listening.get(), as_sockaddr(*address), sizeof *address) != 0)
    return cannot_listen(path, system_reason(errno));
  if (*gid)
    if (auto given = give_to_group(path, group, **gid); !given) {
      ::unlink(path.c_str());
      return std::move(given).error();
    }
  struct stat made {};
  if (::lstat(path.c_str(), &made) != 0 || ::listen(listening.get(), backlog) != 0) {
    auto why = system_reason(errno);
    ::unlink(path.c_str());
    return cannot_listen(path, why);
  }
  return bound_socket{std::move(listening), path, made.st_dev, made.st_ino};
}

void remove_socket_file(bound_socket& socket) {
  struct stat found {};
  auto inode = std::exchange(socket.inode, 0); // the number may be given to another file
  if (inode != 0 && ::lstat(socket.path.c_str(), &found) == 0 && found.st_dev == socket.device &&
      found.st_ino == inode)
    ::unlink(socket.path.c_str());
}

std::optional<uid_t> peer_uid(int descriptor) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return std::nullopt;
  return credentials.uid;
}

std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16 * 1024> buffer{};
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr &&
      found->pw_name[0] != '\0')
    return found->pw_name;
  return fmt::format("uid:{}", uid);
}

} // namespace pawl::gateway
