// Reads the headers of a tar, more strictly than any reader: a tar that two readers could read as
// two different trees is refused. Accepted are ustar, pax and GNU headers of files, directories and
// symlinks; sizes in octal; extended headers of at most 64 KiB that change neither a size nor a
// kind; and only zero blocks after the last entry. The bytes of names stay as they are: the same
// name in composed and in decomposed characters is two names.
#pragma once

#include "sources/tar/source_tree.hpp"

#include <cstdint>
#include <ctime>
#include <optional>
#include <set>
#include <string>

namespace pawl {

struct tar_entry {
  entry_kind kind = entry_kind::file;
  std::string name;   // as it stands there: source_tree has the rules for it
  std::string target; // of a symlink
  bool executable = false;
  std::uint64_t size = 0;      // of a file's contents
  std::uint64_t contents = 0;  // the byte of the tar at which they begin; all of them are there
  std::timespec modified = {}; // from 1970 on; 1970 itself where the tar gives no time
};

class tar_headers {
public:
  // Reads `bytes` bytes of the descriptor by offset.
  tar_headers(int fd, std::uint64_t bytes) : fd_(fd), bytes_(bytes) {}

  // The next entry, or nothing after the last one. invalid_argument, naming the entry and the
  // remedy; then it is not called again.
  result<std::optional<tar_entry>> next();

private:
  struct block;

  error broken(std::string_view rule) const;
  result<void> read_at(std::uint64_t offset, char* to, std::size_t size) const;
  result<void> read_block(block& to) const;
  result<std::uint64_t> check_block(const block& header);
  result<tar_entry> take_entry(const block& header, std::uint64_t size);
  void take_names(const block& header, tar_entry& entry) const;
  result<void> take_extension(char type, std::uint64_t size);
  result<void> take_pax(std::string_view rest);
  result<void> take_pax_record(std::string_view key, std::string_view value);
  result<void> check_end() const;

  // The extended headers since the last entry.
  struct extensions {
    std::set<char> types;
    std::optional<std::string> path;
    std::optional<std::string> link;
    std::optional<std::timespec> modified;
  };

  int fd_;
  std::uint64_t bytes_;
  std::uint64_t at_ = 0; // of the header that is looked at
  std::string shown_;    // the name of its entry, for messages
  extensions extended_;
};

} // namespace pawl
