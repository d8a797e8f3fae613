// Counts what a program asks of the kernel and of malloc, by a library that is loaded into it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace pawl::bench {

// In a file that both map. Only counted up.
struct counter_page {
  std::atomic<std::uint64_t> flushes; // fsync, fdatasync, msync; writes to files opened O_(D)SYNC
  std::atomic<std::uint64_t> written_bytes; // by write, pwrite, writev, pwritev; sockets too
  std::atomic<std::uint64_t> allocations;   // malloc, calloc, realloc
  std::atomic<std::uint64_t> calls;         // of all functions counted here but the allocations
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// The variable that tells the library where the file is.
inline constexpr auto counters_variable = "PAWL_BENCH_COUNTERS";

// The counts at one moment.
struct counts {
  std::uint64_t flushes = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t allocations = 0;
  std::uint64_t calls = 0;

  counts since(const counts& before) const;
};

// The reading side. The file goes with it.
class counters {
public:
  explicit counters(std::filesystem::path file);
  counters(const counters&) = delete;
  counters& operator=(const counters&) = delete;
  ~counters();

  counts now() const;
  const std::filesystem::path& file() const { return file_; }

private:
  std::filesystem::path file_;
  const counter_page* page_ = nullptr;
};

} // namespace pawl::bench
