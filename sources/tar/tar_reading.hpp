// Reads a source's tar as hostile input: each rule is checked before a visitor hears of an entry.
#pragma once

#include "sources/unpack.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

enum class file_contents : bool { skipped, wanted };

// What reads along. Paths are clean and relative, without a slash at the end; a file's contents
// follow it if they are wanted. Any error ends the reading and is its result.
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

// Reads the tar at the descriptor, of `bytes` bytes, whose position is moved. A symlink's way out
// of the tree is found after the visitor heard of it: act on links only when this has succeeded.
result<tar_facts> read_tar(int fd, std::uint64_t bytes, tar_visitor& visitor);

} // namespace pawl
