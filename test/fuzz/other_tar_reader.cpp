#include "test/fuzz/other_tar_reader.hpp"

#include "test/fuzz/properties.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

namespace pawl::test {

namespace {

struct archive_freer {
  void operator()(archive* opened) const { archive_read_free(opened); }
};
using archive_ptr = std::unique_ptr<archive, archive_freer>;

// Nothing for a tar whose first header has odd numbers in fields that we do not read, such as the
// owner: by them libarchive tells a tar from other files. It sees no other tree then.
archive_ptr open_tar(std::string_view tar) {
  archive_ptr opened{archive_read_new()};
  archive_read_support_format_tar(opened.get());
  if (archive_read_open_memory(opened.get(), tar.data(), tar.size()) != ARCHIVE_OK)
    return nullptr;
  return opened;
}

// libarchive converts other names to the locale, and composes their characters anew.
bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
}

void demand_same_text(std::string_view ours, const char* theirs, std::string_view what) {
  const std::string_view read = theirs == nullptr ? "" : theirs;
  if (is_ascii(ours))
    demand(read == ours || (read.ends_with('/') && read.substr(0, read.size() - 1) == ours),
           fmt::format("libarchive reads the {} \"{}\", we read \"{}\"", what, read, ours));
}

std::string contents_of(archive* from) {
  std::string contents;
  std::array<char, 4096> buffer{};
  la_ssize_t got = 0;
  while ((got = archive_read_data(from, buffer.data(), buffer.size())) > 0)
    contents.append(buffer.data(), static_cast<std::size_t>(got));
  demand(got == 0, "libarchive reads the contents of a file");
  return contents;
}

entry_kind kind_of(archive_entry* entry) {
  switch (archive_entry_filetype(entry)) {
  case AE_IFDIR:
    return entry_kind::directory;
  case AE_IFLNK:
    return entry_kind::symlink;
  case AE_IFREG:
    demand(archive_entry_hardlink(entry) == nullptr, "libarchive sees no hard link");
    return entry_kind::file;
  default:
    throw broken_property{"libarchive sees an entry of another kind"};
  }
}

void demand_same(const plain_entry& ours, archive* from, archive_entry* entry) {
  demand_same_text(ours.name, archive_entry_pathname(entry), "name");
  demand(kind_of(entry) == ours.kind, "libarchive sees an entry of the same kind");
  if (ours.kind == entry_kind::symlink)
    demand_same_text(ours.target, archive_entry_symlink(entry), "target");
  if (ours.kind != entry_kind::file)
    return;
  demand(((archive_entry_mode(entry) & 0111U) != 0) == ours.executable,
         "libarchive takes the same files for programs");
  demand(contents_of(from) == ours.contents, "libarchive reads the same contents");
}

} // namespace

void demand_same_entries(const std::vector<plain_entry>& ours, std::string_view tar) {
  const auto opened = open_tar(tar);
  if (!opened)
    return;
  archive_entry* entry = nullptr;
  for (const auto& each : ours) {
    const int status = archive_read_next_header(opened.get(), &entry);
    demand(status == ARCHIVE_OK || status == ARCHIVE_WARN,
           fmt::format("libarchive reads the entry \"{}\"", each.name));
    demand_same(each, opened.get(), entry);
  }
  if (!ours.empty())
    demand(archive_read_next_header(opened.get(), &entry) == ARCHIVE_EOF,
           "libarchive reads no entry more");
}

} // namespace pawl::test
