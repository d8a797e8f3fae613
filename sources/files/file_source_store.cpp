#include "sources/files/file_source_store.hpp"

#include "posix/files.hpp"
#include "sources/files/received_upload.hpp"
#include "sources/tar/tar_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pawl {

namespace {

constexpr std::size_t discarded_max = 1000;

// Keeps the texts of the two files that say how an app is built and run.
class manifest_reader : public tar_visitor {
public:
  result<void> directory(const tar_entry& /*entry*/) override { return {}; }

  result<file_contents> file(const tar_entry& entry) override {
    const auto& path = entry.name;
    text_ = path == "pawl.toml" ? &manifest : path == "Procfile" ? &procfile : nullptr;
    if (text_ == nullptr)
      return file_contents::skipped;
    if (entry.size > limits::manifest_bytes)
      return error{
          errc::too_large,
          fmt::format("{} has {} bytes; the limit is {}", path, entry.size, limits::manifest_bytes),
          {{"entry", path}}};
    text_->emplace();
    return file_contents::wanted;
  }

  result<void> contents(std::string_view bytes) override {
    text_->value().append(bytes);
    return {};
  }

  result<void> symlink(const tar_entry& entry) override {
    const auto& path = entry.name;
    if (path == "pawl.toml" || path == "Procfile")
      return error{
          errc::invalid_argument, path + " is a symlink; make it a file", {{"entry", path}}};
    return {};
  }

  std::optional<std::string> manifest;
  std::optional<std::string> procfile;

private:
  std::optional<std::string>* text_ = nullptr; // of the file that is being read
};

error bad_name(std::string_view what, std::string_view name) {
  return {errc::invalid_argument, fmt::format("\"{}\" is no {}", name.substr(0, 100), what), {}};
}

result<void> check_room(const std::filesystem::path& directory, std::uint64_t bytes) {
  struct statvfs room {};
  if (::statvfs(directory.c_str(), &room) != 0)
    return system_error("ask for the free space of " + directory.string(), errno);
  auto free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
  if (free >= bytes)
    return {};
  return error{errc::resource_exhausted,
               fmt::format("the server's disk has {} bytes free, and the source needs {} more: "
                           "free some space below {}",
                           free, bytes, directory.parent_path().string()),
               {}};
}

} // namespace

file_source_store::file_source_store(std::filesystem::path data_dir, std::uint64_t bytes_max,
                                     std::string boot)
    : data_dir_(std::move(data_dir)), bytes_max_(bytes_max),
      folder_(data_dir_ / "uploads", std::move(boot)) {}

file_source_store::~file_source_store() = default;

std::filesystem::path file_source_store::path(const std::string& app,
                                              const std::string& digest) const {
  return data_dir_ / "sources" / app / (digest_file_name(digest) + ".tar");
}

std::shared_ptr<received_upload> file_source_store::find(const std::string& deployment) {
  std::lock_guard lock{mutex_};
  auto found = uploads_.find(deployment);
  return found == uploads_.end() ? nullptr : found->second;
}

bool file_source_store::keeps(const std::string& app, const source_facts& promised) const {
  struct stat about {};
  return ::lstat(path(app, promised.digest).c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
         static_cast<std::uint64_t>(about.st_size) == promised.bytes;
}

result<std::uint64_t> file_source_store::open_upload(const std::string& deployment,
                                                     const std::string& app,
                                                     const source_facts& promised) {
  if (!is_plain_name(deployment))
    return bad_name("deployment", deployment);
  if (!is_digest(promised.digest))
    return bad_name("digest", promised.digest);
  if (auto name = check_name("app", app); !name)
    return std::move(name).error();
  const auto bytes = promised.bytes;
  if (bytes > bytes_max_)
    return error{
        errc::too_large,
        fmt::format("the source has {} bytes; this server takes at most {}", bytes, bytes_max_),
        {{"limit", std::to_string(bytes_max_)}}};
  keyed_mutex::lock mine{calls_, deployment};
  if (was_discarded(deployment))
    return error{errc::unavailable,
                 fmt::format("deployment {} takes no more of its source", deployment),
                 {{"deployment", deployment}}};
  // An upload that exists besides was interrupted before the source came by another upload:
  // verify() reads the kept source. It may also be this very upload, whose end is in no record yet.
  if (keeps(app, promised)) {
    remove_upload(deployment);
    return bytes;
  }
  if (auto whole = folder_.size_of_whole(deployment)) {
    if (*whole == bytes)
      return bytes;
    remove_upload(deployment); // of a server that gave this name to what had come
  }
  return open_part(deployment, bytes);
}

result<std::uint64_t> file_source_store::open_part(const std::string& deployment,
                                                   std::uint64_t bytes) {
  auto file = folder_.open_part(deployment);
  if (!file)
    return std::move(file).error();
  struct stat about {};
  if (::fstat(file->get(), &about) != 0)
    return system_error("look at the upload", errno);
  auto reached = static_cast<std::uint64_t>(about.st_size);
  if (reached > bytes) { // it cannot be the beginning of this source
    if (::ftruncate(file->get(), 0) != 0)
      return system_error("empty the upload", errno);
    reached = 0;
  }
  if (auto room = check_room(folder_.path(), bytes - reached); !room)
    return std::move(room).error();
  auto opened = std::make_shared<received_upload>(std::move(*file), bytes, reached);
  {
    std::lock_guard lock{mutex_};
    auto& known = uploads_[deployment];
    if (known && known->reached == reached) {
      opened->sum = std::move(known->sum);
      opened->known_digest = std::move(known->known_digest);
    }
    known = opened;
  }
  if (reached == bytes) // its last byte was written, and then the server ended
    if (auto kept = complete(deployment, *opened); !kept)
      return std::move(kept).error();
  return reached;
}

result<void> file_source_store::complete(const std::string& deployment, received_upload& all_came) {
  auto kept = folder_.finish(deployment, all_came.file.get());
  all_came.file.reset();
  if (kept)
    return kept;
  std::lock_guard lock{mutex_};
  uploads_.erase(deployment);
  return kept;
}

result<std::uint64_t> file_source_store::append(const std::string& deployment, std::uint64_t offset,
                                                std::vector<char> bytes) {
  keyed_mutex::lock mine{calls_, deployment};
  auto open = find(deployment);
  if (!open)
    return error{errc::invalid_argument,
                 fmt::format("the upload of deployment {} is not open", deployment),
                 {}};
  if (offset != open->reached)
    return error{errc::invalid_argument,
                 fmt::format("the upload goes on at byte {}, not {}", open->reached, offset),
                 {{"offset", std::to_string(open->reached)}}};
  if (bytes.size() > open->expected - open->reached)
    return error{
        errc::too_large,
        fmt::format("the source was announced with {} bytes, and more came", open->expected),
        {}};
  if (!open->file) // all of it came before
    return open->reached;
  if (int problem = open->write(std::move(bytes)); problem != 0)
    return system_error("write the upload", problem);
  if (open->reached < open->expected)
    open->write_behind();
  else if (auto kept = complete(deployment, *open); !kept)
    return std::move(kept).error();
  return open->reached;
}

void file_source_store::close_upload(const std::string& deployment) {
  keyed_mutex::lock mine{calls_, deployment};
  auto open = find(deployment);
  if (!open || open->reached == open->expected)
    return;
  std::lock_guard lock{mutex_};
  uploads_.erase(deployment);
}

// `known_digest` is empty if the file has not been read yet.
result<source_reading> file_source_store::verify_file(const std::filesystem::path& tar,
                                                      const std::string& digest,
                                                      std::string known_digest) {
  auto file = open_file(tar, O_RDONLY | O_NOFOLLOW);
  if (!file)
    return std::move(file).error();
  struct stat about {};
  if (::fstat(file->get(), &about) != 0)
    return system_error("look at " + tar.string(), errno);
  auto bytes = static_cast<std::uint64_t>(about.st_size);
  if (bytes > bytes_max_)
    return error{
        errc::too_large,
        fmt::format("the source has {} bytes; this server takes at most {}", bytes, bytes_max_),
        {{"limit", std::to_string(bytes_max_)}}};
  if (known_digest.empty()) {
    auto found = digest_of_file(file->get());
    if (!found)
      return std::move(found).error();
    known_digest = *std::move(found);
  }
  if (known_digest != digest)
    return error{errc::invalid_argument,
                 fmt::format("the upload is not the source that was announced: its digest is {}, "
                             "announced was {}; deploy again",
                             known_digest, digest),
                 {{"digest", known_digest}}};
  manifest_reader texts;
  auto facts = read_tar(file->get(), bytes, texts);
  if (!facts)
    return std::move(facts).error();
  return source_reading{{digest, bytes, facts->files}, texts.manifest, texts.procfile};
}

result<source_reading> file_source_store::verify(const std::string& deployment,
                                                 const std::string& app,
                                                 const std::string& digest) {
  if (!is_plain_name(deployment))
    return bad_name("deployment", deployment);
  if (!is_digest(digest))
    return bad_name("digest", digest);
  if (auto name = check_name("app", app); !name)
    return std::move(name).error();
  keyed_mutex::lock mine{calls_, deployment};
  auto kept = path(app, digest);
  if (!folder_.size_of_whole(deployment)) {
    if (::access(kept.c_str(), F_OK) == 0)
      return verify_kept(kept, digest);
    return error{errc::invalid_argument,
                 folder_.has_part(deployment)
                     ? fmt::format("the upload of deployment {} is not complete", deployment)
                     : fmt::format("nothing was uploaded for deployment {}", deployment),
                 {}};
  }
  auto open = find(deployment);
  // Used once: the next verify() reads the file.
  auto known_digest = open ? std::exchange(open->known_digest, {}) : std::string{};
  auto reading = verify_file(folder_.whole(deployment), digest, std::move(known_digest));
  if (!reading)
    return reading;
  if (auto done = keep(deployment, kept); !done)
    return std::move(done).error();
  return reading;
}

// Its bytes were flushed when the last of them came. The folders have their names on the disk
// before the source goes there: else its old name could be gone, and the way to the new one not
// there.
result<void> file_source_store::keep(const std::string& deployment,
                                     const std::filesystem::path& kept) {
  if (auto made = make_directories(kept.parent_path()); !made)
    return made;
  if (auto synced = sync_directory(data_dir_ / "sources"); !synced)
    return synced;
  if (!sources_named_) {
    if (auto synced = sync_directory(data_dir_); !synced)
      return synced;
    sources_named_ = true;
  }
  if (auto moved = rename_durably(folder_.whole(deployment), kept); !moved)
    return moved;
  std::lock_guard lock{mutex_};
  uploads_.erase(deployment);
  return {};
}

// The source was verified when it was kept.
result<source_reading> file_source_store::verify_kept(const std::filesystem::path& tar,
                                                      const std::string& digest) {
  auto reading = verify_file(tar, digest, {});
  if (reading || reading.error().code != errc::invalid_argument)
    return reading;
  ::unlink(tar.c_str());
  return error{errc::data_corruption,
               fmt::format("the source that the server kept in {} was damaged ({}), and was "
                           "removed: deploy again, and it is sent anew",
                           tar.string(), reading.error().message),
               {{"digest", digest}}};
}

std::vector<std::string> file_source_store::uploads() const {
  return folder_.deployments();
}

void file_source_store::discard_upload(const std::string& deployment) {
  if (!is_plain_name(deployment))
    return;
  keyed_mutex::lock mine{calls_, deployment};
  remove_upload(deployment);
  std::lock_guard lock{mutex_};
  discarded_.push_back(deployment);
  if (discarded_.size() > discarded_max)
    discarded_.pop_front();
}

bool file_source_store::was_discarded(const std::string& deployment) {
  std::lock_guard lock{mutex_};
  return std::find(discarded_.begin(), discarded_.end(), deployment) != discarded_.end();
}

void file_source_store::remove_upload(const std::string& deployment) {
  folder_.remove(deployment);
  std::lock_guard lock{mutex_};
  uploads_.erase(deployment);
}

} // namespace pawl
