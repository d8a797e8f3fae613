#include "routers/haproxy/haproxy_files.hpp"

#include "lifecycle/ip_address.hpp"
#include "posix/files.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::size_t deployment_bytes = 64;
constexpr rlim_t connections_max = 10'000;
constexpr rlim_t reserved_files = 256; // listeners, health checks, the admin's own connections

error cannot_write(const std::filesystem::path& path, const std::string& why,
                   errc code = errc::unavailable) {
  return {code, fmt::format("the router's file {} cannot be written: {}", path.string(), why)};
}

} // namespace

result<void> haproxy_make_directory(const std::filesystem::path& directory) {
  if (auto made = make_directories(directory); !made)
    return cannot_write(directory, made.error().message);
  std::error_code failed;
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, failed);
  if (failed)
    return cannot_write(directory, failed.message());
  return {};
}

// The two files are exchanged, and the old one is overwritten the next time: with the blocks that
// it has, and the one more that it reserves, that works on a full disk.
result<void> haproxy_replace_file(const std::filesystem::path& path, const std::string& contents) {
  auto next = path;
  next += ".next";
  constexpr mode_t mode = 0644;
  constexpr off_t room_to_grow = 4096;
  auto file = open_file(next, O_WRONLY | O_CREAT, mode);
  auto written = file ? write_all(file->get(), contents) : result<void>{file.error()};
  if (!written)
    return cannot_write(next, written.error().message, written.error().code);
  const auto size = static_cast<off_t>(contents.size());
  if (::ftruncate(file->get(), size) != 0)
    return cannot_write(next, system_reason(errno));
  static_cast<void>(::fallocate(file->get(), FALLOC_FL_KEEP_SIZE, size, room_to_grow));
  if (::renameat2(AT_FDCWD, next.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0)
    return {};
  std::error_code failed;
  std::filesystem::rename(next, path, failed); // no old file yet, or no exchange here
  if (failed)
    return cannot_write(path, failed.message());
  return {};
}

std::filesystem::path haproxy_program() {
  const char* path = std::getenv("PATH");
  const std::string folders = path == nullptr ? "" : path;
  for (std::size_t at = 0; at < folders.size();) {
    const auto folder = folders.substr(at, folders.find(':', at) - at);
    at += folder.size() + 1;
    const auto program = std::filesystem::path(folder) / "haproxy";
    if (program.is_absolute() && ::access(program.c_str(), X_OK) == 0)
      return program;
  }
  return "/usr/sbin/haproxy";
}

std::string haproxy_user() {
  constexpr const char* name = "haproxy";
  std::array<char, 4096> buffer{};
  passwd user{};
  passwd* found_user = nullptr;
  group its_group{};
  group* found_group = nullptr;
  if (::geteuid() != 0 ||
      ::getpwnam_r(name, &user, buffer.data(), buffer.size(), &found_user) != 0 ||
      found_user == nullptr)
    return {};
  if (::getgrnam_r(name, &its_group, buffer.data(), buffer.size(), &found_group) != 0 ||
      found_group == nullptr)
    return {};
  return name;
}

unsigned haproxy_connections() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  // Each takes two files: the client's side and the app's.
  const rlim_t possible =
      files.rlim_max > 2 * reserved_files ? (files.rlim_max - reserved_files) / 3 : 64;
  return static_cast<unsigned>(std::min(possible, connections_max));
}

result<void> haproxy_check_listen(const std::string& listen) {
  if (canonical_endpoint(listen))
    return {};
  return error{errc::invalid_argument,
               fmt::format("the router cannot listen on \"{}\": give an IP address and a port, as "
                           "in 127.0.0.1:7480",
                           listen)};
}

result<route> haproxy_check_route(const route& to) {
  if (auto named = check_name("app", to.lane.app); !named)
    return std::move(named).error();
  if (auto named = check_name("cluster", to.lane.cluster); !named)
    return std::move(named).error();
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (to.deployment.empty() || to.deployment.size() > deployment_bytes ||
      !std::all_of(to.deployment.begin(), to.deployment.end(), plain))
    return error{errc::invalid_argument,
                 fmt::format("\"{}\" is not a deployment's id", to.deployment)};
  route checked{to.lane, to.deployment, {}, to.sticky};
  for (const auto& address : to.addresses) {
    auto canonical = canonical_endpoint(address);
    if (!canonical)
      return error{errc::invalid_argument,
                   fmt::format("the router cannot send requests to \"{}\": it is not an IP address "
                               "and a port",
                               address)};
    if (std::find(checked.addresses.begin(), checked.addresses.end(), *canonical) ==
        checked.addresses.end())
      checked.addresses.push_back(*std::move(canonical));
  }
  return checked;
}

} // namespace pawl
