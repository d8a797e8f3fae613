#include "sources/tar/tar_writing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl {

namespace {

constexpr std::size_t written_block = 512;
constexpr std::size_t name_width = 100; // of a header's fields for names and targets
constexpr std::int64_t seconds_most = 077777777777;
constexpr std::uint64_t size_most = 0777777777777; // twelve digits, and no NUL behind them

// A block of zeros, with fields by their places.
class header_block {
public:
  void text(std::size_t at, std::string_view value) {
    std::copy(value.begin(), value.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  // Octal digits in a field of so many bytes, the last of which is a NUL if it is not needed.
  void number(std::size_t at, std::size_t width, std::uint64_t value) {
    text(at, fmt::format("{:0{}o}", value, width - 1));
  }
  std::string_view finish() {
    constexpr std::size_t place = 148;
    text(place, "        ");
    unsigned sum = 0;
    for (char c : bytes_)
      sum += static_cast<unsigned char>(c);
    text(place, fmt::format("{:06o}", sum));
    bytes_[place + 6] = '\0';
    return {bytes_.data(), bytes_.size()};
  }

private:
  std::array<char, written_block> bytes_{};
};

std::string pax_record(std::string_view key, std::string_view value) {
  const auto rest = fmt::format(" {}={}\n", key, value);
  auto size = rest.size() + 1;
  while (std::to_string(size).size() + rest.size() != size)
    ++size;
  return std::to_string(size) + rest;
}

char type_of(entry_kind kind) {
  return kind == entry_kind::directory ? '5' : kind == entry_kind::symlink ? '2' : '0';
}

unsigned written_mode(const tar_entry& entry) {
  if (entry.kind == entry_kind::symlink)
    return 0777;
  return entry.kind == entry_kind::directory || entry.executable ? 0755 : 0644;
}

} // namespace

result<void> tar_writing::put(std::string_view bytes) {
  bytes_ += bytes.size();
  return sink_(bytes);
}

result<void> tar_writing::fill_block() {
  static constexpr std::array<char, written_block> zeros{};
  const auto over = bytes_ % written_block;
  return over == 0 ? result<void>{} : put({zeros.data(), written_block - over});
}

result<void> tar_writing::header(const tar_entry& entry, char type, std::string_view name) {
  header_block block;
  block.text(0, name.substr(0, name_width));
  block.number(100, 8, written_mode(entry));
  block.number(108, 8, 0);
  block.number(116, 8, 0);
  block.number(124, 12, entry.kind == entry_kind::file ? entry.size : 0);
  block.number(
      136, 12,
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(entry.modified.tv_sec, 0, seconds_most)));
  block.text(156, {&type, 1});
  block.text(157, std::string_view{entry.target}.substr(0, name_width));
  block.text(257, std::string_view{"ustar\00000", 8});
  return put(block.finish());
}

result<void> tar_writing::entry(const tar_entry& entry) {
  if (entry.size > size_most)
    return error{errc::too_large,
                 fmt::format("the source's entry \"{}\" has 64 GiB or more, which a tar does "
                             "not take: leave it out",
                             shown_name(entry.name)),
                 {}};
  const auto name = entry.kind == entry_kind::directory ? entry.name + "/" : entry.name;
  std::string records;
  if (name.size() > name_width)
    records += pax_record("path", name);
  if (entry.target.size() > name_width)
    records += pax_record("linkpath", entry.target);
  if (entry.modified.tv_nsec != 0)
    records +=
        pax_record("mtime", fmt::format("{}.{:09}", entry.modified.tv_sec, entry.modified.tv_nsec));
  if (!records.empty()) {
    tar_entry extension;
    extension.size = records.size();
    if (auto good = header(extension, 'x', "PaxHeaders/entry"); !good)
      return good;
    if (auto good = put(records); !good)
      return good;
    if (auto good = fill_block(); !good)
      return good;
  }
  return header(entry, type_of(entry.kind), name);
}

result<void> tar_writing::contents(std::string_view bytes) {
  return put(bytes);
}

result<void> tar_writing::end_of_contents() {
  return fill_block();
}

result<void> tar_writing::finish() {
  static constexpr std::array<char, 2 * written_block> zeros{};
  return put({zeros.data(), zeros.size()});
}

} // namespace pawl
