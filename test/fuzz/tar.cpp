#include "sources/tar/tar_reading.hpp"
#include "test/fuzz/memory_file.hpp"
#include "test/fuzz/other_tar_reader.hpp"
#include "test/fuzz/properties.hpp"

#include <algorithm>
#include <set>

namespace pawl::test {

namespace {

constexpr std::size_t block_bytes = 512;

// Notes each entry, and demands of it what engines rely on.
class noting : public tar_visitor {
public:
  result<void> directory(const tar_entry& entry) override {
    note(entry);
    return {};
  }
  result<void> symlink(const tar_entry& entry) override {
    demand(!entry.target.empty() && entry.target.front() != '/', "a symlink is relative");
    note(entry);
    return {};
  }
  result<file_contents> file(const tar_entry& entry) override {
    note(entry);
    return file_contents::wanted;
  }
  result<void> contents(std::string_view bytes) override {
    entries.back().contents += bytes;
    return {};
  }

  std::vector<plain_entry> entries;

private:
  void note(const tar_entry& entry) {
    demand(!entry.name.empty() && entry.name.size() <= limits::source_path_bytes &&
               !entry.name.ends_with('/') && entry.name.find('\0') == std::string::npos,
           "a name is a path");
    const auto padded = "/" + entry.name + "/";
    for (const std::string_view bad : {"//", "/./", "/../"})
      demand(padded.find(bad) == std::string::npos, "a name is relative and clean");
    demand(names_.insert(entry.name).second, "no name is there twice");
    demand(entry.modified.tv_sec >= 0 && entry.modified.tv_nsec >= 0 &&
               entry.modified.tv_nsec < 1'000'000'000,
           "a time is one that a file can have");
    entries.push_back({entry.kind, entry.name, entry.target, entry.executable, {}});
  }

  std::set<std::string> names_;
};

// The headers get the checksums that they should have: a fuzzer does not find those.
std::string with_checksums(std::string_view tar) {
  constexpr std::size_t at = 148;
  constexpr std::size_t bytes = 8;
  std::string mended{tar};
  for (std::size_t block = 0; block + block_bytes <= mended.size(); block += block_bytes) {
    if (mended.compare(block + 257, 5, "ustar") != 0)
      continue;
    std::fill_n(mended.begin() + static_cast<std::ptrdiff_t>(block + at), bytes, ' ');
    unsigned sum = 0;
    for (std::size_t i = 0; i < block_bytes; ++i)
      sum += static_cast<unsigned char>(mended[block + i]);
    for (std::size_t digit = 6; digit-- > 0; sum /= 8)
      mended[block + at + digit] = static_cast<char>('0' + sum % 8);
    mended[block + at + 6] = '\0';
  }
  return mended;
}

void read_one(const std::string& tar) {
  const auto file = memory_file(tar);
  noting visitor;
  auto facts = read_tar(file.get(), tar.size(), visitor);
  std::uint64_t file_bytes = 0;
  for (const auto& each : visitor.entries)
    file_bytes += each.contents.size();
  demand(file_bytes <= tar.size(), "contents are a part of their tar");
  if (!facts)
    return demand_refusal(facts.error(), tar.size());
  demand(facts->entries == visitor.entries.size() && facts->file_bytes == file_bytes,
         "the facts of a tar are those of its entries");
  demand(facts->disk_bytes >= file_bytes, "a tree takes the room of its files");
  demand_same_entries(visitor.entries, tar);
}

} // namespace

// What this reader takes, another one takes for the same tree.
void fuzz_tar(fuzz_input in) {
  const std::string tar{text_of(in)};
  read_one(tar);
  if (auto mended = with_checksums(tar); mended != tar)
    read_one(mended);
}

} // namespace pawl::test
