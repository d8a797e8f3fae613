// Files and directories, also such that survive a crash. Every descriptor is O_CLOEXEC. Every
// function blocks; any thread.
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

// The error for a failed system call: resource_exhausted if space, descriptors, memory or processes
// ran out, otherwise unavailable. `doing` completes "cannot …": "write /var/lib/pawl/x".
error system_error(std::string_view doing, int number);

// The system's words for an errno: "No such file or directory". Any thread.
std::string system_reason(int number);

// open(2) with O_CLOEXEC added.
result<descriptor> open_file(const std::filesystem::path& path, int flags, mode_t mode = 0600);

// Writes all bytes at the descriptor's position, also through short writes and signals.
result<void> write_all(int fd, std::string_view bytes);

// The contents of a file that is not a symlink; too_large beyond `most` bytes; not_found.
result<std::string> read_file(const std::filesystem::path& path, std::size_t most);

// Replaces the file atomically: after a crash it has its old contents or these.
result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes);

// Creates the directory and its missing parents, with mode 0700.
result<void> make_directories(const std::filesystem::path& path);

// Flushes a directory: the names in it are durable.
result<void> sync_directory(const std::filesystem::path& path);

// Flushes the whole file system that holds `path`.
result<void> sync_file_system(const std::filesystem::path& path);

// Renames, replacing a file that has the new name, and flushes both directories.
result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// The plain names (is_plain_name()) in a directory; none if there is no such directory.
std::vector<std::string> names_in(const std::filesystem::path& directory);

// A descriptor of an unnamed file in memory that holds these bytes, positioned at its beginning.
result<descriptor> memory_file(std::string_view bytes);

// Whether the name is safe as part of a path and of a control group's name: 1 to 100 characters of
// [A-Za-z0-9._-], the first of them no dot.
bool is_plain_name(std::string_view name);

} // namespace pawl
