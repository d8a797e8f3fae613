// Reads a source's tar as hostile input: all rules are checked before the visitor gets an entry.
#pragma once

#include "sources/unpack.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

enum class file_contents : bool { skipped, wanted };

// Gets the entries in their order. Paths are clean and relative, without a slash at the end; a
// file's contents follow it if they are wanted. Any error ends the reading and is its result.
class tar_visitor {
public:
  tar_visitor() = default;
  tar_visitor(const tar_visitor&) = delete;
  tar_visitor& operator=(const tar_visitor&) = delete;
  virtual ~tar_visitor() = default;

  virtual result<void> directory(const std::string& path) = 0;
  virtual result<file_contents> file(const std::string& path, bool executable,
                                     std::uint64_t size) = 0;
  virtual result<void> contents(std::string_view bytes) = 0;
  virtual result<void> symlink(const std::string& path, const std::string& target) = 0;
};

// Reads the tar of `bytes` bytes from the descriptor, whose position changes. A symlink that leads
// out of the tree is found only at the end, after the visitor got it: use links only if this
// succeeded.
result<tar_facts> read_tar(int fd, std::uint64_t bytes, tar_visitor& visitor);

} // namespace pawl
