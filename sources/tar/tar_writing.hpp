// Writes a canonical tar: the same entries give the same bytes. Headers are ustar; a pax header
// comes before those that need it, for long names and for parts of a second. Entries belong to user
// and group 0, without names. Any reader of tars reads it, read_tar() too.
#pragma once

#include "sources/tar/tar_headers.hpp"

#include <functional>
#include <string_view>

namespace pawl {

// Takes the next bytes. An error of it ends the writing.
using byte_sink = std::function<result<void>(std::string_view bytes)>;

class tar_writing {
public:
  explicit tar_writing(byte_sink sink) : sink_(std::move(sink)) {}

  // Name, kind, target, size, time and whether it can be executed; `contents` has no meaning here.
  // A file of 64 GiB or more is too_large. After a file, all of its contents follow.
  result<void> entry(const tar_entry& entry);
  result<void> contents(std::string_view bytes);
  result<void> end_of_contents();

  // The blocks behind the last entry.
  result<void> finish();

  std::uint64_t bytes() const { return bytes_; }

private:
  result<void> put(std::string_view bytes);
  result<void> header(const tar_entry& entry, char type, std::string_view name);
  result<void> fill_block();

  byte_sink sink_;
  std::uint64_t bytes_ = 0; // given to the sink
};

} // namespace pawl
