#include "client/link/server_file.hpp"

#include "lifecycle/limits.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <cerrno>

#include <sys/file.h>
#include <sys/stat.h>

namespace pawl::client {

namespace {

namespace fs = std::filesystem;

// People keep such a file elsewhere, and link it here.
fs::path behind_links(const fs::path& path) {
  std::error_code problem;
  auto real = fs::canonical(path, problem);
  return problem ? path : real;
}

result<void> check_mode(const fs::path& path, const config::client_config& config) {
  constexpr mode_t of_others = 0077;
  struct stat about {};
  if (!config.has_tokens() || ::stat(path.c_str(), &about) != 0 || (about.st_mode & of_others) == 0)
    return {};
  return error{errc::invalid_argument,
               fmt::format("{} holds tokens, and others can read it (mode {:04o}): chmod 600 {}; "
                           "if somebody may have read them, have them revoked",
                           path.string(), about.st_mode & 07777U, path.string()),
               {{"file", path.string()}}};
}

} // namespace

result<config::client_config> read_server_file(const fs::path& path) {
  const auto real = behind_links(path);
  auto text = read_file(real, limits::manifest_bytes);
  if (!text && text.error().code == errc::not_found)
    return config::client_config{};
  if (!text)
    return std::move(text).error();
  auto config = config::read_client_config(*text);
  if (!config)
    return error{
        errc::invalid_argument, fmt::format("{}:\n{}", path.string(), config.error().message), {}};
  if (auto good = check_mode(real, *config); !good)
    return std::move(good).error();
  return config;
}

result<void> change_server_file(const fs::path& path,
                                const std::function<result<void>(config::client_config&)>& change) {
  const auto real = behind_links(path);
  if (auto made = make_directories(real.parent_path()); !made)
    return made;
  auto place = open_file(real.parent_path(), O_RDONLY | O_DIRECTORY);
  if (!place)
    return std::move(place).error();
  while (::flock(place->get(), LOCK_EX) != 0) // until it is closed
    if (errno != EINTR)
      return system_error("lock " + real.parent_path().string(), errno);
  auto config = read_server_file(path);
  if (!config)
    return std::move(config).error();
  if (auto changed = change(*config); !changed)
    return changed;
  return write_file_durably(real, config::write_client_config(*config).reveal());
}

} // namespace pawl::client
