// Handles of libgit2, and repositories that it opens. The library runs no hooks and no programs.
#pragma once

#include <git2.h>

#include <filesystem>
#include <memory>

namespace pawl::packing {

template <class Handle, void (*Free)(Handle*)>
struct freed_by {
  void operator()(Handle* handle) const { Free(handle); }
};

using repository_ptr =
    std::unique_ptr<git_repository, freed_by<git_repository, git_repository_free>>;

// Initialises libgit2 once for the process. Every function below has called it.
void start_libgit();

// The repository that the directory lies in; nothing if there is none, or libgit2 cannot read it.
repository_ptr open_repository(const std::filesystem::path& directory);

} // namespace pawl::packing
