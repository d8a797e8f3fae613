#include "test/persistence/write_recorder.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

thread_local pawl::test::write_recorder* recording = nullptr;

} // namespace

namespace pawl::test {

write_recorder::write_recorder(const std::filesystem::path& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) == 0)
    inode_ = about.st_ino;
  recording = this;
}

write_recorder::~write_recorder() {
  recording = nullptr;
}

bool write_recorder::is_file(int fd) const {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && about.st_ino == inode_;
}

int write_recorder::refusal_at(int fd, std::uint64_t offset) const {
  return offset < refused_.bytes && is_file(fd) ? refused_.code : 0;
}

void write_recorder::wrote(int fd, std::uint64_t offset, std::string bytes) {
  if (is_file(fd))
    events_.push_back({false, (::fcntl(fd, F_GETFL) & O_DSYNC) != 0, offset, std::move(bytes)});
}

void write_recorder::flushed(int fd) {
  if (is_file(fd))
    events_.push_back({.flush = true});
}

} // namespace pawl::test

namespace {

bool is_refused(int fd, off_t offset) {
  const auto code =
      recording == nullptr ? 0 : recording->refusal_at(fd, static_cast<std::uint64_t>(offset));
  if (code != 0)
    errno = code;
  return code != 0;
}

} // namespace

extern "C" {

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  if (is_refused(fd, offset))
    return -1;
  auto written = ::syscall(SYS_pwrite64, fd, bytes, size, offset);
  if (recording != nullptr && written > 0)
    recording->wrote(fd, static_cast<std::uint64_t>(offset),
                     {static_cast<const char*>(bytes), static_cast<std::size_t>(written)});
  return written;
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  auto offset = recording != nullptr ? ::lseek(fd, 0, SEEK_CUR) : 0;
  if (is_refused(fd, offset))
    return -1;
  auto written = ::syscall(SYS_writev, fd, parts, count);
  if (recording != nullptr && written > 0) {
    std::string all;
    for (int i = 0; i < count; ++i)
      all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    all.resize(static_cast<std::size_t>(written));
    recording->wrote(fd, static_cast<std::uint64_t>(offset), std::move(all));
  }
  return written;
}

int fdatasync(int fd) {
  auto failed = static_cast<int>(::syscall(SYS_fdatasync, fd));
  if (recording != nullptr && failed == 0)
    recording->flushed(fd);
  return failed;
}

} // extern "C"
