#include "sources/tar/tar_headers.hpp"

#include "posix/files.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include <unistd.h>

namespace pawl {

namespace {

constexpr std::size_t block_bytes = 512;
constexpr std::size_t extension_bytes = 64 * 1024;
constexpr std::int64_t last_second = 077777777777; // that a ustar header can hold: in 2242

struct header_field {
  std::size_t offset;
  std::size_t size;
};
constexpr header_field name_field{0, 100};
constexpr header_field mode_field{100, 8};
constexpr header_field size_field{124, 12};
constexpr header_field time_field{136, 12};
constexpr header_field checksum_field{148, 8};
constexpr std::size_t type_offset = 156;
constexpr header_field link_field{157, 100};
constexpr header_field magic_field{257, 8};
constexpr header_field prefix_field{345, 155}; // of a ustar header only
// The parts, whether more follow, and the size; in a GNU header only. Readers differ in whether
// they look there for a file of type '0'.
constexpr header_field sparse_fields{386, 109};

constexpr std::string_view ustar_magic{"ustar\00000", 8};
constexpr std::string_view gnu_magic{"ustar  \0", 8};

bool is_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

// Octal digits, perhaps after spaces, ended by a space or NUL: no signs, and no base 256.
std::optional<std::uint64_t> octal(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '7'; ++digits)
    value = value * 8 + static_cast<std::uint64_t>(text[digits] - '0');
  if (digits == 0 ||
      text.substr(digits).find_first_not_of(std::string_view{" \0", 2}) != std::string_view::npos)
    return std::nullopt;
  return value;
}

// A pax time, "[-]SECONDS[.FRACTION]", within the years that are kept; nothing if it is none.
std::optional<std::timespec> time_of(std::string_view text) {
  auto dot = std::min(text.find('.'), text.size());
  auto fraction = text.substr(std::min(dot + 1, text.size())).substr(0, 9);
  std::int64_t seconds = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + dot, seconds);
  bool digits =
      std::all_of(fraction.begin(), fraction.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (dot == 0 || end != text.data() + dot || !digits)
    return std::nullopt;
  if (problem != std::errc{} || seconds > last_second)
    seconds = text.starts_with('-') ? -1 : last_second;
  if (text.starts_with('-'))
    return std::timespec{};
  long nanoseconds = 0;
  for (std::size_t i = 0; i < 9; ++i)
    nanoseconds = nanoseconds * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return std::timespec{static_cast<std::time_t>(seconds), nanoseconds};
}

// Bytes behind a NUL are seen by some readers only.
bool hides_bytes(std::string_view text) {
  auto end = text.find('\0');
  return end != std::string_view::npos && !is_zero(text.substr(end));
}

std::string until_nul(std::string_view text) {
  return std::string{text.substr(0, text.find('\0'))};
}

std::string_view refused_kind(char type) {
  switch (type) {
  case '1':
    return "is a hard link; store it as a file or as a symlink";
  case '3':
  case '4':
    return "is a device; only files, directories and symlinks are taken";
  case '6':
    return "is a named pipe; only files, directories and symlinks are taken";
  case 'S':
    return "is a sparse file; store it as a plain one";
  case 'g':
    return "is a global header; a source has none";
  default:
    return "is of a kind that a source does not have";
  }
}

} // namespace

struct tar_headers::block {
  std::array<char, block_bytes> bytes{};

  std::string_view all() const { return {bytes.data(), bytes.size()}; }
  std::string_view text(header_field f) const { return all().substr(f.offset, f.size); }
  char type() const { return bytes[type_offset]; }

  bool checksum_holds() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bool own = i >= checksum_field.offset && i < checksum_field.offset + checksum_field.size;
      sum += own ? ' ' : static_cast<unsigned char>(bytes[i]);
    }
    return octal(text(checksum_field)) == sum;
  }
};

result<std::optional<tar_entry>> tar_headers::next() {
  while (true) {
    block header;
    if (auto got = read_block(header); !got)
      return std::move(got).error();
    if (is_zero(header.all())) {
      if (auto clean = check_end(); !clean)
        return std::move(clean).error();
      return std::optional<tar_entry>{};
    }
    auto size = check_block(header);
    if (!size)
      return std::move(size).error();
    const auto after = at_ + block_bytes + (*size + block_bytes - 1) / block_bytes * block_bytes;
    const auto type = header.type();
    if (type == 'x' || type == 'L' || type == 'K') {
      if (auto taken = take_extension(type, *size); !taken)
        return std::move(taken).error();
      at_ = after;
      continue;
    }
    auto entry = take_entry(header, *size);
    if (!entry)
      return std::move(entry).error();
    extended_ = {};
    at_ = after;
    return std::optional<tar_entry>{std::move(*entry)};
  }
}

error tar_headers::broken(std::string_view rule) const {
  return {errc::invalid_argument,
          fmt::format("the source is not a clean tar: the entry \"{}\" at byte {} {}",
                      shown_name(shown_), at_, rule),
          {{"entry", shown_name(shown_)}}};
}

result<void> tar_headers::read_at(std::uint64_t offset, char* to, std::size_t size) const {
  while (size > 0) {
    auto got = ::pread(fd_, to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return system_error("read the source", errno);
    if (got == 0)
      return broken("is cut off");
    to += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return {};
}

result<void> tar_headers::read_block(block& to) const {
  if (bytes_ - at_ < block_bytes)
    return error{errc::invalid_argument,
                 "the source is not a whole tar: it ends without its end marker",
                 {}};
  return read_at(at_, to.bytes.data(), to.bytes.size());
}

// Gives the size of what follows the block, which is there.
result<std::uint64_t> tar_headers::check_block(const block& header) {
  auto name = header.text(name_field);
  shown_ = until_nul(name);
  auto magic = header.text(magic_field);
  if (magic != ustar_magic && magic != gnu_magic)
    return broken("has a header that is not ustar, pax or GNU tar");
  if (!header.checksum_holds())
    return broken("has a header with a wrong checksum");
  auto size = octal(header.text(size_field));
  if (!size)
    return broken("has a size that is not written in octal digits");
  if (hides_bytes(name) || hides_bytes(header.text(link_field)) ||
      (magic == ustar_magic && hides_bytes(header.text(prefix_field))))
    return broken("has a NUL inside its name");
  if (magic == gnu_magic && !is_zero(header.text(sparse_fields)))
    return broken("has the parts of a sparse file; store it as a plain one");
  // Compared without a rounding that could overflow.
  auto rest = bytes_ - at_ - block_bytes;
  if (*size > rest || (*size + block_bytes - 1) / block_bytes * block_bytes > rest)
    return broken("says to be longer than the rest of the tar");
  return *size;
}

result<tar_entry> tar_headers::take_entry(const block& header, std::uint64_t size) {
  tar_entry entry;
  switch (header.type()) {
  case '0':
  case '\0':
    entry.size = size;
    entry.contents = at_ + block_bytes;
    break;
  case '2':
    entry.kind = entry_kind::symlink;
    break;
  case '5':
    entry.kind = entry_kind::directory;
    break;
  default:
    return broken(refused_kind(header.type()));
  }
  if (entry.kind != entry_kind::file && size != 0)
    return broken("has contents, and is no file");
  auto mode = octal(header.text(mode_field));
  if (!mode)
    return broken("has a mode that is not written in octal digits");
  if ((*mode & 07000U) != 0)
    return broken("has a setuid, setgid or sticky bit; remove it");
  entry.executable = (*mode & 0111U) != 0;
  auto seconds = octal(header.text(time_field));
  if (extended_.modified)
    entry.modified = *extended_.modified;
  else if (seconds)
    entry.modified.tv_sec = static_cast<std::time_t>(*seconds); // eleven digits, or twelve
  entry.modified.tv_sec = std::min<std::time_t>(entry.modified.tv_sec, last_second);
  take_names(header, entry);
  return entry;
}

void tar_headers::take_names(const block& header, tar_entry& entry) const {
  if (extended_.path) {
    entry.name = *extended_.path;
  } else {
    entry.name = until_nul(header.text(name_field));
    auto prefix = header.text(magic_field) == ustar_magic ? until_nul(header.text(prefix_field))
                                                          : std::string{};
    if (!prefix.empty())
      entry.name = prefix + "/" + entry.name;
  }
  if (entry.kind == entry_kind::symlink)
    entry.target = extended_.link ? *extended_.link : until_nul(header.text(link_field));
}

result<void> tar_headers::take_extension(char type, std::uint64_t size) {
  if (!extended_.types.insert(type).second)
    return broken("has two extended headers of one kind");
  if (size == 0 || size > extension_bytes)
    return broken("has an extended header that is empty or longer than 64 KiB");
  std::string bytes(size, '\0');
  if (auto got = read_at(at_ + block_bytes, bytes.data(), bytes.size()); !got)
    return got;
  if (type == 'x')
    return take_pax(bytes);
  if (hides_bytes(bytes))
    return broken("has a NUL inside its long name");
  auto& name = type == 'L' ? extended_.path : extended_.link;
  if (name)
    return broken("has two long names");
  name = until_nul(bytes);
  return {};
}

// Records of the form "LENGTH KEY=VALUE\n", LENGTH counting the whole record.
result<void> tar_headers::take_pax(std::string_view rest) {
  std::set<std::string, std::less<>> keys;
  while (!rest.empty()) {
    std::size_t length = 0;
    std::size_t digits = 0;
    for (; digits < 6 && digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9';
         ++digits)
      length = length * 10 + static_cast<std::size_t>(rest[digits] - '0');
    if (digits == 0 || length <= digits + 2 || length > rest.size() || rest[digits] != ' ' ||
        rest[length - 1] != '\n')
      return broken("has a malformed pax header");
    auto record = rest.substr(digits + 1, length - digits - 2);
    auto equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return broken("has a malformed pax header");
    auto key = record.substr(0, equals);
    if (!keys.emplace(key).second)
      return broken("has a pax header with a key twice");
    if (auto fine = take_pax_record(key, record.substr(equals + 1)); !fine)
      return fine;
    rest.remove_prefix(length);
  }
  return {};
}

result<void> tar_headers::take_pax_record(std::string_view key, std::string_view value) {
  if (key == "size" || key == "SCHILY.realsize")
    return broken("has a second size in a pax header");
  if (key.starts_with("GNU.sparse") || key.starts_with("SUN.") || key == "hdrcharset")
    return broken("is a sparse file, or has a pax header that changes how it is read");
  if (key == "mtime") {
    extended_.modified = time_of(value);
    return extended_.modified ? result<void>{} : broken("has a malformed time in a pax header");
  }
  if (key != "path" && key != "linkpath")
    return {};
  if (value.empty() || value.find('\0') != std::string_view::npos)
    return broken("has an empty name, or a NUL inside its name, in a pax header");
  if (!is_utf8(value))
    return broken("has a name in a pax header that is not UTF-8");
  auto& name = key == "path" ? extended_.path : extended_.link;
  if (name)
    return broken("has two long names");
  name = std::string{value};
  return {};
}

result<void> tar_headers::check_end() const {
  if (!extended_.types.empty())
    return broken("is an extended header that belongs to no entry");
  if (bytes_ - at_ < 2 * block_bytes || bytes_ % block_bytes != 0)
    return error{errc::invalid_argument,
                 "the source is not a whole tar: it ends without its end marker",
                 {}};
  std::array<char, 64 * 1024> buffer{};
  for (auto at = at_; at < bytes_;) {
    auto size = std::min<std::uint64_t>(buffer.size(), bytes_ - at);
    if (auto got = read_at(at, buffer.data(), size); !got)
      return got;
    if (!is_zero({buffer.data(), size}))
      return error{errc::invalid_argument, "the source has bytes behind the end of its tar", {}};
    at += size;
  }
  return {};
}

} // namespace pawl
