#include "sources/tar/tar_framing.hpp"

#include "posix/files.hpp"
#include "sources/tar/source_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <unistd.h>

namespace pawl {

namespace {

constexpr std::size_t block_bytes = 512;
constexpr std::size_t extension_bytes = 64 * 1024;

struct header_field {
  std::size_t offset;
  std::size_t size;
};
constexpr header_field name_field{0, 100};
constexpr header_field size_field{124, 12};
constexpr header_field checksum_field{148, 8};
constexpr std::size_t type_offset = 156;
constexpr header_field link_field{157, 100};
constexpr header_field magic_field{257, 8};

using block = std::array<char, block_bytes>;

std::string_view text_of(const block& header, header_field f) {
  return std::string_view{header.data(), header.size()}.substr(f.offset, f.size);
}

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

bool checksum_holds(const block& header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    bool own = i >= checksum_field.offset && i < checksum_field.offset + checksum_field.size;
    sum += own ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return octal(text_of(header, checksum_field)) == sum;
}

// Bytes behind a NUL are seen by some readers only.
bool hides_bytes(std::string_view text) {
  auto end = text.find('\0');
  return end != std::string_view::npos && !is_zero(text.substr(end));
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

class framing {
public:
  framing(int fd, std::uint64_t bytes) : fd_(fd), bytes_(bytes) {}

  result<void> check() {
    while (true) {
      block header{};
      if (auto got = read_block(header); !got)
        return got;
      if (is_zero({header.data(), header.size()}))
        return check_end();
      if (auto fine = check_header(header); !fine)
        return fine;
    }
  }

private:
  error broken(std::string_view rule) const {
    return {errc::invalid_argument,
            fmt::format("the source is not a clean tar: the entry \"{}\" at byte {} {}",
                        shown_name(entry_), at_, rule),
            {{"entry", shown_name(entry_)}}};
  }

  result<void> read_at(std::uint64_t offset, char* to, std::size_t size) const {
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

  result<void> read_block(block& to) const {
    if (bytes_ - at_ < block_bytes)
      return error{errc::invalid_argument,
                   "the source is not a whole tar: it ends without its end marker",
                   {}};
    return read_at(at_, to.data(), to.size());
  }

  result<void> check_header(const block& header) {
    auto name = text_of(header, name_field);
    entry_ = name.substr(0, name.find('\0'));
    auto magic = text_of(header, magic_field);
    if (magic != std::string_view{"ustar\00000", 8} && magic != std::string_view{"ustar  \0", 8})
      return broken("has a header that is not ustar, pax or GNU tar");
    if (!checksum_holds(header))
      return broken("has a header with a wrong checksum");
    auto size = octal(text_of(header, size_field));
    if (!size)
      return broken("has a size that is not written in octal digits");
    if (hides_bytes(name) || hides_bytes(text_of(header, link_field)))
      return broken("has a NUL inside its name");
    auto padded = (*size + block_bytes - 1) / block_bytes * block_bytes;
    if (padded > bytes_ - at_ - block_bytes)
      return broken("says to be longer than the rest of the tar");
    if (auto fine = check_kind(header[type_offset], *size); !fine)
      return fine;
    at_ += block_bytes + padded;
    return {};
  }

  result<void> check_kind(char type, std::uint64_t size) {
    switch (type) {
    case 'x':
    case 'L':
    case 'K':
      return check_extension(type, size);
    case '2':
    case '5':
      if (size != 0)
        return broken("has contents, and is no file");
      break;
    case '0':
    case '\0':
      break;
    default:
      return broken(refused_kind(type));
    }
    extensions_.clear();
    return {};
  }

  result<void> check_extension(char type, std::uint64_t size) {
    if (!extensions_.insert(type).second)
      return broken("has two extended headers of one kind");
    if (size == 0 || size > extension_bytes)
      return broken("has an extended header that is empty or longer than 64 KiB");
    std::string bytes(size, '\0');
    if (auto got = read_at(at_ + block_bytes, bytes.data(), bytes.size()); !got)
      return got;
    if (type == 'x')
      return check_pax(bytes);
    if (hides_bytes(bytes))
      return broken("has a NUL inside its long name");
    return {};
  }

  // Records of the form "LENGTH KEY=VALUE\n", LENGTH counting the whole record.
  result<void> check_pax(std::string_view rest) {
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
      if (auto fine = check_pax_record(key, record.substr(equals + 1)); !fine)
        return fine;
      rest.remove_prefix(length);
    }
    return {};
  }

  result<void> check_pax_record(std::string_view key, std::string_view value) const {
    if (key == "size" || key == "SCHILY.realsize")
      return broken("has a second size in a pax header");
    if (key.starts_with("GNU.sparse") || key.starts_with("SUN.") || key == "hdrcharset")
      return broken("is a sparse file, or has a pax header that changes how it is read");
    bool names = key == "path" || key == "linkpath";
    if (names && (value.empty() || value.find('\0') != std::string_view::npos))
      return broken("has an empty name, or a NUL inside its name, in a pax header");
    return {};
  }

  result<void> check_end() const {
    if (!extensions_.empty())
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

  int fd_;
  std::uint64_t bytes_;
  std::uint64_t at_ = 0; // of the header that is looked at
  std::string entry_;
  std::set<char> extensions_; // seen since the last entry
};

} // namespace

result<void> check_tar_framing(int fd, std::uint64_t bytes) {
  return framing{fd, bytes}.check();
}

} // namespace pawl
