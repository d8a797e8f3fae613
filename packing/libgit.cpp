#include "packing/libgit.hpp"

#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace pawl::packing {

namespace {

// As git does; libgit2 would read nothing at all.
void pass_over_a_closed_home() {
  const char* home = std::getenv("HOME"); // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (home == nullptr || ::faccessat(AT_FDCWD, home, X_OK, AT_EACCESS) == 0)
    return;
  for (int level : {GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL})
    git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, "");
}

} // namespace

// Checkouts of other users (as in many CI jobs) are read too: git's check of the owner guards
// against hooks and programs of the configuration, and none is ever run here. The extensions only
// say where more configuration and objects are; sparse checkouts and partial clones have them.
void start_libgit() {
  static const bool started = [] {
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    std::array<const char*, 2> extensions{"worktreeconfig", "partialclone"};
    git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions.data(), extensions.size());
    return true;
  }();
  static_cast<void>(started);
  pass_over_a_closed_home();
}

repository_ptr open_repository(const std::filesystem::path& directory) {
  start_libgit();
  git_repository* repository = nullptr;
  if (git_repository_open_ext(&repository, directory.c_str(), 0, nullptr) != 0)
    return nullptr;
  return repository_ptr{repository};
}

} // namespace pawl::packing
