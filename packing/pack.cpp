#include "packing/pack.hpp"

#include "packing/temporary_place.hpp"
#include "packing/tree.hpp"
#include "posix/digest.hpp"
#include "posix/files.hpp"
#include "posix/utf8.hpp"
#include "posix/utf8_locale.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace pawl::packing {

namespace {

namespace fs = std::filesystem;

struct frees_archive {
  void operator()(archive* a) const { ::archive_write_free(a); }
};
struct frees_entry {
  void operator()(archive_entry* e) const { ::archive_entry_free(e); }
};
using archive_ptr = std::unique_ptr<archive, frees_archive>;
using entry_ptr = std::unique_ptr<archive_entry, frees_entry>;

result<descriptor> open_unnamed_file(const fs::path& place) {
  descriptor file{::open(place.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
  if (file)
    return file;
  auto pattern = (place / "pawl-source.XXXXXX").string(); // where O_TMPFILE is not known
  file = descriptor{::mkostemp(pattern.data(), O_CLOEXEC)};
  if (!file)
    return error{errc::unavailable,
                 fmt::format("no temporary file can be made in {}: {}; set TMPDIR to another place",
                             printable(place.native()), system_reason(errno)),
                 {}};
  ::unlink(pattern.c_str());
  return file;
}

// The tar as it is written: to the file, and into the digest.
struct output {
  int file = -1;
  pawl::digest digest;
  std::uint64_t bytes = 0;
  int problem = 0; // errno of the write that failed
};

la_ssize_t take_bytes(archive*, void* context, const void* data, std::size_t size) {
  auto& out = *static_cast<output*>(context);
  std::string_view bytes{static_cast<const char*>(data), size};
  if (auto written = write_all(out.file, bytes); !written) {
    out.problem = errno;
    return -1;
  }
  out.digest.add(bytes);
  out.bytes += size;
  return static_cast<la_ssize_t>(size);
}

constexpr std::string_view manifest_name = "pawl.toml";

constexpr std::time_t last_second = 077777777777; // that a ustar header can hold: in 2242

// A tar has no time before 1970.
std::timespec within_bounds(std::timespec modified) {
  if (modified.tv_sec < 0)
    return {};
  return modified.tv_sec > last_second ? std::timespec{last_second, 0} : modified;
}

class packer {
public:
  packer(int root, int file, fs::path place, fs::path manifest)
      : root_(root), place_(std::move(place)), manifest_(std::move(manifest)) {
    out_.file = file;
  }

  std::vector<packed_file> take_largest() { return std::move(largest_); }

  // After run(), once.
  std::string digest_of_contents() { return contents_.text(); }

  std::optional<std::string> note_of_pointers() const {
    if (pointers_ == 0)
      return std::nullopt;
    return fmt::format(
        "{}{} as a Git LFS pointer of some lines, not with the contents; run git lfs "
        "pull before the deploy",
        printable(first_pointer_),
        pointers_ == 1 ? std::string{" is sent"}
                       : fmt::format(" and {} more are sent", pointers_ - 1));
  }

  result<source_facts> run(tree_listing listing) {
    problems_ = std::move(listing.problems);
    utf8_locale names; // libarchive converts them by the locale of the thread
    archive_.reset(::archive_write_new());
    ::archive_write_set_format_pax(archive_.get()); // not "restricted", which rounds times
    ::archive_write_set_bytes_per_block(archive_.get(), static_cast<int>(limits::chunk_bytes));
    ::archive_write_set_bytes_in_last_block(archive_.get(), 1);
    if (::archive_write_open(archive_.get(), &out_, nullptr, take_bytes, nullptr) != ARCHIVE_OK)
      return write_error();
    for (const auto& each : listing.entries) {
      if (problems_.size() >= pack_problems_max)
        break;
      if (auto done = add(each); !done)
        return std::move(done).error();
    }
    if (!problems_.empty())
      return all_problems();
    if (::archive_write_close(archive_.get()) != ARCHIVE_OK)
      return write_error();
    return source_facts{out_.digest.text(), out_.bytes, files_};
  }

private:
  error write_error() const {
    if (out_.problem == ENOSPC || out_.problem == EDQUOT)
      return {errc::resource_exhausted,
              fmt::format("{} has no room for the packed source; make some, or set TMPDIR to "
                          "another place",
                          printable(place_.native())),
              {}};
    const char* why = ::archive_error_string(archive_.get());
    return {errc::internal,
            fmt::format("the source cannot be packed: {}",
                        out_.problem != 0 ? system_reason(out_.problem)
                        : why != nullptr  ? std::string{why}
                                          : std::string{"libarchive does not say why"}),
            {}};
  }

  error all_problems() const {
    auto message = fmt::format("{}", fmt::join(problems_, "\n"));
    if (problems_.size() >= pack_problems_max)
      message += "\nand perhaps more: only the first are listed";
    return {errc::invalid_argument,
            std::string{cut_utf8(message, limits::error_message_bytes)},
            {{"problems", std::to_string(problems_.size())}}};
  }

  void object(const tree_entry& entry, std::string_view text) {
    problems_.push_back(fmt::format("{} {}", printable(entry.path), text));
  }

  result<void> add(const tree_entry& entry) {
    if (entry.kind == entry_kind::file)
      return add_file(entry);
    return add_header(entry, 0);
  }

  // With its length in front, one text cannot look like two.
  void count(std::string_view text) {
    contents_.add(fmt::format("{} ", text.size()));
    contents_.add(text);
  }

  result<void> add_header(const tree_entry& entry, std::int64_t size) {
    count(entry.path);
    count(entry.target);
    contents_.add(
        fmt::format("{}{} {}\n", static_cast<int>(entry.kind), entry.executable ? "x" : "", size));
    entry_ptr header{::archive_entry_new()};
    // Not by update_pathname_utf8(), which composes characters: the name would be another.
    ::archive_entry_copy_pathname(header.get(), entry.path.c_str());
    auto modified = within_bounds(entry.modified);
    ::archive_entry_set_mtime(header.get(), modified.tv_sec, modified.tv_nsec);
    ::archive_entry_set_uid(header.get(), 0);
    ::archive_entry_set_gid(header.get(), 0);
    ::archive_entry_set_perm(header.get(), entry.executable ? 0755 : 0644);
    ::archive_entry_set_size(header.get(), size);
    if (entry.kind == entry_kind::directory)
      ::archive_entry_set_filetype(header.get(), AE_IFDIR);
    else if (entry.kind == entry_kind::file)
      ::archive_entry_set_filetype(header.get(), AE_IFREG);
    else {
      ::archive_entry_set_filetype(header.get(), AE_IFLNK);
      ::archive_entry_copy_symlink(header.get(), entry.target.c_str());
    }
    if (::archive_write_header(archive_.get(), header.get()) != ARCHIVE_OK)
      return write_error();
    return {};
  }

  result<void> add_file(const tree_entry& entry) {
    // Not blocking, in case it has become a fifo since it was listed.
    descriptor file = open(entry.path);
    struct stat before {};
    if (!file || ::fstat(file.get(), &before) != 0 || !S_ISREG(before.st_mode)) {
      object(entry, fmt::format("cannot be read: {}; make it readable, or ignore it",
                                file ? "it is no longer a file" : system_reason(errno)));
      return {};
    }
    auto as_read = entry;
    as_read.modified = before.st_mtim;
    if (auto done = add_header(as_read, before.st_size); !done)
      return done;
    auto copied = copy(entry, file.get(), before.st_size);
    if (!copied)
      return std::move(copied).error();
    struct stat after {};
    bool same = ::fstat(file.get(), &after) == 0 && after.st_size == before.st_size &&
                after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                after.st_mtim.tv_nsec == before.st_mtim.tv_nsec;
    if (!*copied || !same)
      object(entry, "changed while it was read; deploy again when nothing writes to it");
    ++files_;
    remember({entry.path, static_cast<std::uint64_t>(before.st_size)});
    return {};
  }

  descriptor open(const std::string& path) const {
    constexpr int how = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    if (path == manifest_name && !manifest_.empty())
      return descriptor{::open(manifest_.c_str(), how)};
    return descriptor{::openat(root_, path.c_str(), how | O_NOFOLLOW)};
  }

  // A file of Git LFS whose contents were not fetched holds a few lines that name them.
  void look_for_pointer(const tree_entry& entry, std::string_view beginning) {
    if (!beginning.starts_with("version https://git-lfs.github.com/spec/v1\noid "))
      return;
    if (++pointers_ == 1)
      first_pointer_ = entry.path;
  }

  void remember(packed_file file) {
    auto smaller = [&](const packed_file& other) { return other.bytes < file.bytes; };
    auto place = std::find_if(largest_.begin(), largest_.end(), smaller);
    largest_.insert(place, std::move(file));
    if (largest_.size() > pack_largest_max)
      largest_.pop_back();
  }

  // Whether exactly `size` bytes were there. The archive pads a file that was cut short.
  result<bool> copy(const tree_entry& entry, int file, std::int64_t size) {
    std::vector<char> buffer(limits::chunk_bytes);
    std::int64_t copied = 0;
    while (true) {
      auto got = ::read(file, buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0) {
        object(entry, fmt::format("cannot be read: {}", system_reason(errno)));
        return true; // reported already
      }
      if (got == 0)
        return copied == size;
      if (copied == 0)
        look_for_pointer(entry, {buffer.data(), static_cast<std::size_t>(got)});
      copied += got;
      if (copied > size)
        return false;
      contents_.add({buffer.data(), static_cast<std::size_t>(got)});
      if (::archive_write_data(archive_.get(), buffer.data(), static_cast<std::size_t>(got)) < 0)
        return write_error();
    }
  }

  int root_;
  fs::path place_;    // of temporary files
  fs::path manifest_; // that is read as pawl.toml; empty: the source's own
  output out_;
  pawl::digest contents_; // of the entries without their times
  archive_ptr archive_;
  std::vector<std::string> problems_;
  std::uint64_t files_ = 0;
  std::uint64_t pointers_ = 0; // of Git LFS
  std::string first_pointer_;
  std::vector<packed_file> largest_;
};

std::vector<std::string> settings_in(const tree_listing& listing) {
  std::vector<std::string> found;
  for (const auto& each : listing.entries)
    if (each.kind == entry_kind::file && (each.path == "pawl.toml" || each.path == "Procfile"))
      found.push_back(each.path);
  return found;
}

// The other manifest takes the place of the source's own, or the place that this would have.
void put_manifest(tree_listing& listing) {
  auto& all = listing.entries;
  auto at = std::lower_bound(
      all.begin(), all.end(), manifest_name,
      [](const tree_entry& one, std::string_view path) { return one.path < path; });
  const tree_entry entry{std::string{manifest_name}, entry_kind::file};
  if (at != all.end() && at->path == manifest_name)
    *at = entry;
  else
    all.insert(at, entry);
}

} // namespace

result<packed_source> pack(const fs::path& directory, const fs::path& manifest) {
  descriptor root{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!root)
    return error{errc::invalid_argument,
                 fmt::format("the directory {} cannot be deployed: {}",
                             printable(directory.native()), system_reason(errno)),
                 {}};
  auto place = temporary_place();
  if (!place)
    return std::move(place).error();
  auto rules = left_out::read(directory);
  if (!rules)
    return std::move(rules).error();
  auto listing = list_tree(root.get(), *rules, pack_problems_max);
  if (!listing)
    return std::move(listing).error();
  if (!manifest.empty())
    put_manifest(*listing);
  if (listing->entries.empty() && listing->problems.empty())
    return error{
        errc::invalid_argument,
        fmt::format("there is nothing to deploy in {}: it is empty, or everything in it is "
                    "ignored",
                    printable(directory.native())),
        {}};
  auto file = open_unnamed_file(*place);
  if (!file)
    return std::move(file).error();
  packer work{root.get(), file->get(), *place, manifest};
  auto settings = settings_in(*listing);
  auto facts = work.run(std::move(*listing));
  if (!facts)
    return std::move(facts).error();
  packed_source packed{
      std::move(*file),    std::move(*facts),   work.take_largest(), work.digest_of_contents(),
      rules->take_notes(), std::move(settings), rules->file()};
  if (auto pointers = work.note_of_pointers())
    packed.notes.push_back(std::move(*pointers));
  return packed;
}

} // namespace pawl::packing
