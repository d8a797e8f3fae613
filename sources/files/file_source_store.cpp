#include "sources/files/file_source_store.hpp"

#include "posix/background_digest.hpp"
#include "posix/files.hpp"
#include "sources/tar/tar_reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace pawl {

struct file_source_store::upload {
  upload(descriptor opened, std::uint64_t announced, std::uint64_t begun)
      : file(std::move(opened)), expected(announced), reached(begun) {
    if (begun == 0)
      sum = std::make_unique<background_digest>();
  }

  descriptor file;
  std::uint64_t expected = 0;
  std::uint64_t reached = 0;
  std::uint64_t on_its_way = 0; // the bytes before it are being written to the disk
  // The digest of the received bytes, and its text when all are there; neither if the upload began
  // in an earlier server process.
  std::unique_ptr<background_digest> sum;
  std::string known_digest;
};

namespace {

constexpr std::size_t discarded_max = 1000;
constexpr std::uint64_t writeback_bytes = 8 * 1024 * 1024;

// Keeps the texts of the two files that say how an app is built and run.
class manifest_reader : public tar_visitor {
public:
  result<void> directory(const std::string& /*path*/) override { return {}; }

  result<file_contents> file(const std::string& path, bool /*executable*/,
                             std::uint64_t size) override {
    text_ = path == "pawl.toml" ? &manifest : path == "Procfile" ? &procfile : nullptr;
    if (text_ == nullptr)
      return file_contents::skipped;
    if (size > limits::manifest_bytes)
      return error{
          errc::too_large,
          fmt::format("{} has {} bytes; the limit is {}", path, size, limits::manifest_bytes),
          {{"entry", path}}};
    text_->emplace();
    return file_contents::wanted;
  }

  result<void> contents(std::string_view bytes) override {
    text_->value().append(bytes);
    return {};
  }

  result<void> symlink(const std::string& path, const std::string& /*target*/) override {
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

file_source_store::file_source_store(std::filesystem::path data_dir, std::uint64_t bytes_max)
    : data_dir_(std::move(data_dir)), bytes_max_(bytes_max) {}

file_source_store::~file_source_store() = default;

std::filesystem::path file_source_store::upload_path(const std::string& deployment) const {
  return data_dir_ / "uploads" / (deployment + ".tar");
}

std::filesystem::path file_source_store::path(const std::string& app,
                                              const std::string& digest) const {
  return data_dir_ / "sources" / app / (digest_file_name(digest) + ".tar");
}

std::shared_ptr<file_source_store::upload> file_source_store::find(const std::string& deployment) {
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
  if (auto made = make_directories(data_dir_ / "uploads"); !made)
    return std::move(made).error();
  auto file = open_file(upload_path(deployment), O_RDWR | O_CREAT | O_NOFOLLOW);
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
  if (auto room = check_room(data_dir_ / "uploads", bytes - reached); !room)
    return std::move(room).error();
  auto opened = std::make_shared<upload>(std::move(*file), bytes, reached);
  std::lock_guard lock{mutex_};
  auto& known = uploads_[deployment];
  if (known && known->reached == reached) {
    opened->sum = std::move(known->sum);
    opened->known_digest = std::move(known->known_digest);
  }
  known = std::move(opened);
  return reached;
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
  std::size_t written = 0;
  int problem = 0;
  while (written < bytes.size() && problem == 0) {
    auto more = ::pwrite(open->file.get(), bytes.data() + written, bytes.size() - written,
                         static_cast<off_t>(offset + written));
    if (more >= 0)
      written += static_cast<std::size_t>(more);
    else if (errno != EINTR)
      problem = errno;
  }
  open->reached += written;
  if (open->sum) {
    bytes.resize(written);
    open->sum->add(std::move(bytes));
    if (open->reached == open->expected) { // its thread ends, however long the lane waits
      open->known_digest = open->sum->text();
      open->sum.reset();
    }
  }
  if (problem != 0)
    return system_error("write the upload", problem);
  // The disk begins to write while the rest is received, so that verify() waits for less.
  if (open->reached - open->on_its_way >= writeback_bytes) {
    ::sync_file_range(open->file.get(), static_cast<off_t>(open->on_its_way),
                      static_cast<off_t>(open->reached - open->on_its_way), SYNC_FILE_RANGE_WRITE);
    open->on_its_way = open->reached;
  }
  return open->reached;
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
  if (::fsync(file->get()) != 0)
    return system_error("flush " + tar.string(), errno);
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
  auto uploaded = upload_path(deployment);
  if (::access(uploaded.c_str(), F_OK) != 0) {
    if (::access(kept.c_str(), F_OK) == 0)
      return verify_kept(kept, digest);
    return error{errc::invalid_argument,
                 fmt::format("nothing was uploaded for deployment {}", deployment),
                 {}};
  }
  auto open = find(deployment);
  if (open && open->reached != open->expected)
    return error{errc::invalid_argument,
                 fmt::format("the upload is not complete: {} of {} bytes came", open->reached,
                             open->expected),
                 {}};
  // Used once: the next verify() reads the file.
  auto known_digest = open ? std::exchange(open->known_digest, {}) : std::string{};
  auto reading = verify_file(uploaded, digest, std::move(known_digest));
  if (!reading)
    return reading;
  if (auto made = make_directories(kept.parent_path()); !made)
    return std::move(made).error();
  if (auto moved = rename_durably(uploaded, kept); !moved)
    return std::move(moved).error();
  if (auto synced = sync_directory(data_dir_ / "sources"); !synced)
    return std::move(synced).error();
  std::lock_guard lock{mutex_};
  uploads_.erase(deployment);
  return reading;
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
  std::vector<std::string> found;
  for (const auto& name : names_in(data_dir_ / "uploads"))
    if (name.ends_with(".tar"))
      found.push_back(name.substr(0, name.size() - std::string_view{".tar"}.size()));
  return found;
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
  ::unlink(upload_path(deployment).c_str());
  std::lock_guard lock{mutex_};
  uploads_.erase(deployment);
}

} // namespace pawl
