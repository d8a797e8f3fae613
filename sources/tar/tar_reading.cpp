#include "sources/tar/tar_reading.hpp"

#include "posix/files.hpp"
#include "sources/tar/source_tree.hpp"
#include "sources/tar/tar_framing.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cerrno>
#include <memory>

#include <clocale>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::uint64_t disk_block_bytes = 4096; // of nearly every file system

using archive_handle = std::unique_ptr<archive, decltype(&archive_read_free)>;

// libarchive converts pax names from UTF-8 to the locale's characters: here these are UTF-8 too,
// whatever the server's locale is, so that the bytes stay the same.
class utf8_names {
public:
  utf8_names() : previous_(::uselocale(locale())) {}
  ~utf8_names() { ::uselocale(previous_); }
  utf8_names(const utf8_names&) = delete;
  utf8_names& operator=(const utf8_names&) = delete;

private:
  static locale_t locale() {
    static locale_t c_utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return c_utf8;
  }

  locale_t previous_;
};

error unreadable(archive* reader, std::string_view entry) {
  const char* why = archive_error_string(reader);
  return {errc::invalid_argument,
          fmt::format("the source is not a clean tar: at \"{}\": {}", shown_name(entry),
                      why == nullptr ? "it cannot be read" : why),
          {{"entry", shown_name(entry)}}};
}

error broken_entry(std::string_view entry, std::string_view rule) {
  return {errc::invalid_argument,
          fmt::format("the source's entry \"{}\" {}", shown_name(entry), rule),
          {{"entry", shown_name(entry)}}};
}

result<entry_kind> kind_of(archive* reader, archive_entry* entry, std::string_view name) {
  auto format = archive_format(reader);
  if (format != ARCHIVE_FORMAT_TAR_USTAR && format != ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE &&
      format != ARCHIVE_FORMAT_TAR_GNUTAR)
    return broken_entry(name, "has a header that is not ustar, pax or GNU tar");
  if (archive_entry_hardlink(entry) != nullptr)
    return broken_entry(name, "is a hard link; store it as a file or as a symlink");
  if (archive_entry_sparse_count(entry) != 0)
    return broken_entry(name, "is a sparse file; store it as a plain one");
  if ((archive_entry_perm(entry) & 07000U) != 0)
    return broken_entry(name, "has a setuid, setgid or sticky bit; remove it");
  switch (archive_entry_filetype(entry)) {
  case AE_IFREG:
    return entry_kind::file;
  case AE_IFDIR:
    return entry_kind::directory;
  case AE_IFLNK:
    return entry_kind::symlink;
  default:
    return broken_entry(name, "is neither a file nor a directory nor a symlink");
  }
}

class tar_reading {
public:
  tar_reading(archive* reader, tar_visitor& visitor) : reader_(reader), visitor_(visitor) {}

  result<tar_facts> read() {
    archive_entry* entry = nullptr;
    while (true) {
      auto status = archive_read_next_header(reader_, &entry);
      if (status == ARCHIVE_EOF)
        break;
      if (status != ARCHIVE_OK)
        return unreadable(reader_, last_);
      if (auto taken = take(entry); !taken)
        return std::move(taken).error();
    }
    if (auto inside = tree_.check_links(); !inside)
      return std::move(inside).error();
    facts_.entries = tree_.size();
    facts_.disk_bytes += tree_.nodes() * limits::file_overhead_bytes;
    return facts_;
  }

private:
  result<void> take(archive_entry* entry) {
    const char* raw_name = archive_entry_pathname(entry);
    last_ = raw_name == nullptr ? "" : raw_name;
    auto kind = kind_of(reader_, entry, last_);
    if (!kind)
      return std::move(kind).error();
    const char* raw_target = *kind == entry_kind::symlink ? archive_entry_symlink(entry) : nullptr;
    std::string target = raw_target == nullptr ? "" : raw_target;
    if (auto admitted = tree_.admit(*kind, last_, target); !admitted)
      return admitted;
    if (last_.ends_with('/'))
      last_.pop_back();
    if (*kind == entry_kind::directory)
      return visitor_.directory(last_);
    if (*kind == entry_kind::symlink)
      return visitor_.symlink(last_, target);
    return take_file(entry);
  }

  result<void> take_file(archive_entry* entry) {
    auto said = archive_entry_size(entry);
    if (said < 0)
      return broken_entry(last_, "has a negative size");
    auto size = static_cast<std::uint64_t>(said);
    ++facts_.files;
    facts_.file_bytes += size;
    facts_.disk_bytes += (size + disk_block_bytes - 1) / disk_block_bytes * disk_block_bytes;
    bool executable = (archive_entry_perm(entry) & 0111U) != 0;
    auto contents = visitor_.file(last_, executable, size);
    if (!contents)
      return std::move(contents).error();
    if (*contents == file_contents::skipped) // the framing has shown that all of them are there
      return archive_read_data_skip(reader_) == ARCHIVE_OK ? result<void>{}
                                                           : unreadable(reader_, last_);
    std::uint64_t seen = 0;
    while (true) {
      const void* bytes = nullptr;
      std::size_t count = 0;
      la_int64_t offset = 0;
      auto status = archive_read_data_block(reader_, &bytes, &count, &offset);
      if (status == ARCHIVE_EOF)
        break;
      if (status != ARCHIVE_OK)
        return unreadable(reader_, last_);
      if (static_cast<std::uint64_t>(offset) != seen || count > size - seen)
        return broken_entry(last_, "has another size than its header says");
      seen += count;
      if (auto taken = visitor_.contents({static_cast<const char*>(bytes), count}); !taken)
        return taken;
    }
    if (seen != size)
      return broken_entry(last_, "has another size than its header says");
    return {};
  }

  archive* reader_;
  tar_visitor& visitor_;
  source_tree tree_;
  tar_facts facts_;
  std::string last_;
};

} // namespace

result<tar_facts> read_tar(int fd, std::uint64_t bytes, tar_visitor& visitor) {
  if (auto framed = check_tar_framing(fd, bytes); !framed)
    return std::move(framed).error();
  if (::lseek(fd, 0, SEEK_SET) != 0)
    return system_error("rewind the source", errno);
  utf8_names names;
  archive_handle reader{archive_read_new(), &archive_read_free};
  if (!reader)
    return system_error("read the source", ENOMEM);
  if (archive_read_support_format_tar(reader.get()) != ARCHIVE_OK ||
      archive_read_open_fd(reader.get(), fd, 64 * 1024) != ARCHIVE_OK)
    return unreadable(reader.get(), "");
  return tar_reading{reader.get(), visitor}.read();
}

} // namespace pawl
