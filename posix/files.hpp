// Files that survive a crash. Every descriptor is O_CLOEXEC. Blocking; any thread.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <sys/types.h>

namespace pawl {

// The error of a system call: resource_exhausted where space, descriptors, memory or processes ran
// out, otherwise unavailable. `doing` completes "cannot …": "write /var/lib/pawl/x".
error system_error(std::string_view doing, int number);

// open(2) with O_CLOEXEC added.
result<descriptor> open_file(const std::filesystem::path& path, int flags, mode_t mode = 0600);

result<void> write_all(int fd, std::string_view bytes);

// The whole of a regular file that is not a link; too_large beyond `most` bytes, not_found if there
// is none.
result<std::string> read_file(const std::filesystem::path& path, std::size_t most);

// Replaces the file atomically: after a crash it has its old contents or these.
result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes);

// Creates it with mode 0700 where it, or a parent of it, is missing.
result<void> make_directories(const std::filesystem::path& path);

// Makes the names in a directory durable.
result<void> sync_directory(const std::filesystem::path& path);

// Makes everything of the file system that holds `path` durable.
result<void> sync_file_system(const std::filesystem::path& path);

// Renames over whatever has the new name, and makes both directories durable.
result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes a tree without following links, also where its directories forbid it to their owner.
// Success if there is nothing.
result<void> remove_tree(const std::filesystem::path& path);

// The plain names in a directory; none if there is no such directory.
std::vector<std::string> names_in(const std::filesystem::path& directory);

// A descriptor of a nameless file in memory that holds these bytes, at its beginning.
result<descriptor> memory_file(std::string_view bytes);

// Whether the name can stand in a path and in a cgroup's name: 1 to 100 of [A-Za-z0-9._-], not
// beginning with a dot.
bool is_plain_name(std::string_view name);

} // namespace pawl
