// Loaded into a program with LD_PRELOAD: stands before the functions of the C library that write,
// flush and allocate, and counts their calls in the file that PAWL_BENCH_COUNTERS names. It counts
// nothing in a program that is not linked dynamically, such as etcd.
#include "bench/harness/counters.hpp"

#include <array>
#include <cstdarg>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
}

namespace {

using pawl::bench::counter_page;

constexpr std::size_t descriptors = 65536;

counter_page nowhere{}; // what is counted before the file is mapped
std::atomic<counter_page*> page{&nowhere};
std::array<std::atomic<bool>, descriptors> synchronous{}; // files whose every write is flushed

void add(std::atomic<std::uint64_t> counter_page::*which, std::uint64_t count) {
  (page.load(std::memory_order_relaxed)->*which).fetch_add(count, std::memory_order_relaxed);
}

[[gnu::constructor]] void map_page() {
  const char* const path = std::getenv(pawl::bench::counters_variable);
  const int file = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
  if (file < 0)
    return;
  void* const mapped =
      ::mmap(nullptr, sizeof(counter_page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped != MAP_FAILED)
    page.store(static_cast<counter_page*>(mapped));
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is_synchronous(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  return fd >= 0 && index < descriptors && synchronous[index].load(std::memory_order_relaxed);
}

void note_opened(int fd, int flags) {
  const auto index = static_cast<std::size_t>(fd);
  if (fd >= 0 && index < descriptors)
    synchronous[index].store((flags & (O_SYNC | O_DSYNC)) != 0, std::memory_order_relaxed);
}

ssize_t count_write(int fd, ssize_t written) {
  add(&counter_page::calls, 1);
  if (written > 0)
    add(&counter_page::written_bytes, static_cast<std::uint64_t>(written));
  if (is_synchronous(fd))
    add(&counter_page::flushes, 1);
  return written;
}

int count_flush(int result) {
  add(&counter_page::calls, 1);
  add(&counter_page::flushes, 1);
  return result;
}

mode_t mode_of(int flags, std::va_list list) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
}

} // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open");
  std::va_list list;
  va_start(list, flags);
  const int fd = real(path, flags, mode_of(flags, list));
  va_end(list);
  note_opened(fd, flags);
  return fd;
}

int open64(const char* path, int flags, ...) {
  static auto* const real = next<int(const char*, int, ...)>("open64");
  std::va_list list;
  va_start(list, flags);
  const int fd = real(path, flags, mode_of(flags, list));
  va_end(list);
  note_opened(fd, flags);
  return fd;
}

int close(int fd) {
  static auto* const real = next<int(int)>("close");
  note_opened(fd, 0);
  return real(fd);
}

int dup2(int from, int to) {
  static auto* const real = next<int(int, int)>("dup2");
  const int fd = real(from, to);
  if (fd >= 0)
    note_opened(fd, is_synchronous(from) ? O_DSYNC : 0);
  return fd;
}

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return count_flush(real(fd));
}

int fdatasync(int fd) {
  static auto* const real = next<int(int)>("fdatasync");
  return count_flush(real(fd));
}

int msync(void* begin, std::size_t size, int flags) {
  static auto* const real = next<int(void*, std::size_t, int)>("msync");
  return count_flush(real(begin, size, flags));
}

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t)>("write");
  return count_write(fd, real(fd, bytes, size));
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  return count_write(fd, real(fd, bytes, size, at));
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t at) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64");
  return count_write(fd, real(fd, bytes, size, at));
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  return count_write(fd, real(fd, parts, count));
}

ssize_t pwritev(int fd, const iovec* parts, int count, off_t at) {
  static auto* const real = next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  return count_write(fd, real(fd, parts, count, at));
}

ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
  static auto* const real = next<ssize_t(int, const void*, std::size_t, int)>("send");
  return count_write(fd, real(fd, bytes, size, flags));
}

void* malloc(std::size_t size) {
  add(&counter_page::allocations, 1);
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  add(&counter_page::allocations, 1);
  return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  add(&counter_page::allocations, 1);
  return __libc_realloc(old, size);
}

} // extern "C"
