#include "test/sources/disk_recorder.hpp"

#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

thread_local pawl::test::disk_recorder* recorded_disk = nullptr;

std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

ino_t inode_of(const fs::path& file) {
  struct stat about {};
  return ::lstat(file.c_str(), &about) == 0 ? about.st_ino : 0;
}

fs::path path_of(int fd) {
  std::error_code none;
  return fs::read_symlink("/proc/self/fd/" + std::to_string(fd), none);
}

std::map<std::string, ino_t> names_in_folder(const fs::path& place) {
  std::map<std::string, ino_t> found;
  for (const auto& entry : fs::directory_iterator{place})
    found.emplace(entry.path().filename().string(), inode_of(entry.path()));
  return found;
}

} // namespace

namespace pawl::test {

disk_recorder::disk_recorder(fs::path root, std::function<void()> before_flush)
    : root_(std::move(root)), before_flush_(std::move(before_flush)) {
  recorded_disk = this;
}

disk_recorder::~disk_recorder() {
  recorded_disk = nullptr;
}

bool disk_recorder::holds(const fs::path& file) const {
  return file.native().starts_with(root_.native());
}

void disk_recorder::flushing(int fd) {
  if (holds(path_of(fd)))
    before_flush_();
}

void disk_recorder::flushed(int fd) {
  const auto file = path_of(fd);
  if (!holds(file))
    return;
  if (fs::is_directory(file))
    names_[file] = names_in_folder(file);
  else
    bytes_[inode_of(file)] = bytes_of(file);
}

std::string disk_recorder::contents(ino_t file, unflushed_bytes bytes) const {
  const auto known = bytes_.find(file);
  const auto sure = known == bytes_.end() ? std::string{} : known->second;
  if (bytes == unflushed_bytes::lost)
    return sure;
  for (const auto& entry : fs::recursive_directory_iterator{root_}) {
    if (inode_of(entry.path()) != file)
      continue;
    auto now = bytes_of(entry.path());
    if (bytes == unflushed_bytes::zeros && now != sure)
      now.assign(now.size(), '\0');
    return now;
  }
  return sure;
}

void disk_recorder::copy(const fs::path& from, const fs::path& to, unflushed_names names,
                         unflushed_bytes bytes) const {
  fs::create_directory(to);
  const auto known = names_.find(from);
  const auto shown = names == unflushed_names::there ? names_in_folder(from)
                     : known == names_.end()         ? folder{}
                                                     : known->second;
  for (const auto& [name, inode] : shown) {
    if (fs::is_directory(from / name))
      copy(from / name, to / name, names, bytes);
    else
      std::ofstream{to / name, std::ios::binary} << contents(inode, bytes);
  }
}

void disk_recorder::write_image(const fs::path& to, unflushed_names names,
                                unflushed_bytes bytes) const {
  copy(root_, to, names, bytes);
}

} // namespace pawl::test

extern "C" {

int fsync(int fd) {
  if (recorded_disk != nullptr)
    recorded_disk->flushing(fd);
  const auto failed = static_cast<int>(::syscall(SYS_fsync, fd));
  if (recorded_disk != nullptr && failed == 0)
    recorded_disk->flushed(fd);
  return failed;
}

int fdatasync(int fd) {
  if (recorded_disk != nullptr)
    recorded_disk->flushing(fd);
  const auto failed = static_cast<int>(::syscall(SYS_fdatasync, fd));
  if (recorded_disk != nullptr && failed == 0)
    recorded_disk->flushed(fd);
  return failed;
}

} // extern "C"
