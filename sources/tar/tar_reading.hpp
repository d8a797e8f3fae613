// Reads a source's tar as hostile input: its headers (tar_headers.hpp), and the tree that they make
// (source_tree.hpp).
#pragma once

#include "sources/tar/tar_headers.hpp"
#include "sources/unpack.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pawl {

enum class file_contents : bool { skipped, wanted };

// Gets the entries in their order, each when the rules have been checked up to it. Names are clean
// and relative, without a slash at the end; a file's contents follow it if they are wanted, and
// then their end. Any error ends the reading and is its result.
class tar_visitor {
public:
  tar_visitor() = default;
  tar_visitor(const tar_visitor&) = delete;
  tar_visitor& operator=(const tar_visitor&) = delete;
  virtual ~tar_visitor() = default;

  virtual result<void> directory(const tar_entry& entry) = 0;
  virtual result<file_contents> file(const tar_entry& entry) = 0;
  virtual result<void> contents(std::string_view bytes) = 0;
  virtual result<void> end_of_contents() { return {}; }
  virtual result<void> symlink(const tar_entry& entry) = 0;
};

// Reads the tar of `bytes` bytes from the descriptor by offset. A symlink that leads out of the
// tree, and a tar that breaks a rule behind an entry, are found after the visitor got that entry:
// use it only if this succeeded.
result<tar_facts> read_tar(int fd, std::uint64_t bytes, tar_visitor& visitor);

} // namespace pawl
