#include "posix/port_lease.hpp"

#include "posix/private_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <random>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace {

namespace fs = std::filesystem;

result<bool> can_be_bound(std::uint16_t port) {
  descriptor probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!probe)
    return system_error("create a socket", errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = ::htons(port);
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  return ::bind(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Where the file of leases may be, best first. Nothing of it comes from the environment, nor from a
// session of the user that may end: all servers of a user come to the same place. Another user may
// have taken the name in /tmp, but cannot make the directory this user's.
std::vector<fs::path> lease_directories() {
  if (::geteuid() == 0)
    return {"/run/pawl-ports", "/tmp/pawl-ports-0"};
  return {fmt::format("/tmp/pawl-ports-{}", ::geteuid())};
}

// Leases of this process alone: what is left where no directory can be had. With other servers,
// only the look at the port itself remains.
result<descriptor> open_own_leases() {
  static const auto leases = memory_file("");
  if (!leases)
    return leases.error();
  // Not a duplicate: locks belong to what open() made.
  const auto path = fmt::format("/proc/self/fd/{}", leases->get());
  return open_file(path, O_RDWR);
}

// Opened anew for each lease: such a lock ends with the last descriptor of its open file, and
// another open file does not get it, also in the same process.
result<descriptor> open_leases() {
  struct stat network {};
  if (::stat("/proc/self/ns/net", &network) != 0)
    return system_error("look at /proc/self/ns/net", errno);
  const auto name = fmt::format("network-{}", network.st_ino);
  for (const auto& directory : lease_directories()) {
    auto file = open_private_file(directory, name);
    if (file || file.error().code == errc::resource_exhausted)
      return file;
  }
  return open_own_leases();
}

// Locks the byte whose place in the file is the port's number. False if it is locked.
result<bool> claim(const descriptor& leases, std::uint16_t port) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = port;
  lock.l_len = 1;
  if (::fcntl(leases.get(), F_OFD_SETLK, &lock) == 0)
    return true;
  if (errno == EAGAIN || errno == EACCES)
    return false;
  return system_error(fmt::format("lease the port {}", port), errno);
}

void give_back(const descriptor& leases, std::uint16_t port) {
  struct flock lock {};
  lock.l_type = F_UNLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = port;
  lock.l_len = 1;
  ::fcntl(leases.get(), F_OFD_SETLK, &lock);
}

} // namespace

// The claim comes before the look: a lease whose program does not listen yet counts.
result<port_lease> lease_port(port_range among) {
  thread_local std::minstd_rand random{std::random_device{}()};
  auto leases = open_leases();
  if (!leases)
    return std::move(leases).error();
  const unsigned count = among.last - among.first + 1U;
  const auto begin = random() % count;
  for (unsigned i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(among.first + (begin + i) % count);
    const auto claimed = claim(*leases, port);
    if (!claimed)
      return claimed.error();
    if (!*claimed)
      continue;
    const auto free = can_be_bound(port);
    if (!free)
      return free.error();
    if (*free)
      return port_lease{port, *std::move(leases)};
    give_back(*leases, port);
  }
  return error{errc::resource_exhausted,
               fmt::format("127.0.0.1 has no free port from {} to {}", among.first, among.last),
               {}};
}

port_lease lease_again(std::uint16_t port) {
  auto leases = open_leases();
  if (!leases)
    return {port, descriptor{}};
  const auto claimed = claim(*leases, port);
  return {port, claimed && *claimed ? *std::move(leases) : descriptor{}};
}

} // namespace pawl
