#include "engines/process/disk_quota.hpp"

#include "engines/process/artifact_tree.hpp"
#include "lifecycle/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <utility>

#include <dirent.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace pawl {

namespace {

using steady = std::chrono::steady_clock;

constexpr auto reserve_interval = std::chrono::milliseconds{250};
constexpr auto measure_interval = std::chrono::seconds{1};
constexpr int measure_share = 20; // of the time, at most one part goes into measuring
constexpr std::uint64_t counted_block_bytes = 512; // of st_blocks

class measuring {
public:
  explicit measuring(const std::stop_token& stop) : stop_(stop) {}

  result<void> directory(descriptor fd, int depth) {
    if (depth > artifact_depth_max)
      return error{
          errc::too_large,
          fmt::format("the build made directories nested deeper than {}", artifact_depth_max),
          {}};
    std::unique_ptr<DIR, int (*)(DIR*)> listing{::fdopendir(fd.get()), &::closedir};
    if (!listing)
      return {};
    int parent = fd.release();
    while (const auto* entry = ::readdir(listing.get())) { // NOLINT(concurrency-mt-unsafe)
      if (stop_.stop_requested())
        return error{errc::cancelled, "measuring was stopped", {}};
      std::string_view name = entry->d_name;
      if (name == "." || name == "..")
        continue;
      struct stat about {};
      if (::fstatat(parent, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      count(about);
      if (!S_ISDIR(about.st_mode))
        continue;
      descriptor below{
          ::openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
      if (!below)
        continue;
      if (auto measured = directory(std::move(below), depth + 1); !measured)
        return measured;
    }
    return {};
  }

  std::uint64_t bytes() const { return bytes_; }

private:
  void count(const struct stat& about) {
    bool more_names = !S_ISDIR(about.st_mode) && about.st_nlink > 1;
    if (!more_names || seen_.insert({about.st_dev, about.st_ino}).second)
      bytes_ += static_cast<std::uint64_t>(about.st_blocks) * counted_block_bytes +
                limits::file_overhead_bytes;
  }

  const std::stop_token& stop_;
  std::uint64_t bytes_ = 0;
  std::set<std::pair<dev_t, ino_t>> seen_; // files with more names than one
};

} // namespace

result<std::uint64_t> bytes_on_disk(const std::filesystem::path& tree,
                                    const std::stop_token& stop) {
  auto root = open_file(tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!root)
    return std::move(root).error();
  measuring all{stop};
  if (auto measured = all.directory(std::move(*root), 0); !measured)
    return std::move(measured).error();
  return all.bytes();
}

disk_quota::disk_quota(std::filesystem::path tree, std::uint64_t bytes,
                       std::function<void()> exceeded)
    : tree_(std::move(tree)), bytes_(bytes), exceeded_(std::move(exceeded)),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void disk_quota::watch(const std::stop_token& stop) {
  auto due = steady::now() + measure_interval;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait_for(lock, stop, reserve_interval, [] { return false; });
    }
    auto began = steady::now();
    auto seen = began < due ? check_reserve() : look(stop);
    if (began >= due)
      due = steady::now() +
            std::max<steady::duration>(measure_interval, (steady::now() - began) * measure_share);
    if (seen || stop.stop_requested())
      continue;
    {
      std::lock_guard lock{mutex_};
      verdict_ = std::move(seen).error();
    }
    exceeded_();
    return;
  }
}

result<void> disk_quota::look(const std::stop_token& stop) const {
  if (auto room = check_reserve(); !room)
    return room;
  auto used = bytes_on_disk(tree_, stop);
  if (!used)
    return std::move(used).error();
  if (*used <= bytes_)
    return {};
  return error{
      errc::resource_exhausted,
      fmt::format("the build filled its quota of the disk: it takes {} MiB, and may take {} "
                  "([limits] build_disk of the server's configuration). Remove what it does "
                  "not need, or ask for more",
                  *used / limits::mib, bytes_ / limits::mib),
      {{"reason", "disk"}, {"limit", std::to_string(bytes_)}}};
}

result<void> disk_quota::check_reserve() const {
  struct statvfs room {};
  if (::statvfs(tree_.c_str(), &room) != 0)
    return system_error("ask for the free space of " + tree_.string(), errno);
  auto all = static_cast<std::uint64_t>(room.f_blocks) * room.f_frsize;
  auto free = static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
  if (free >= std::min(limits::disk_reserve, all / 20))
    return {};
  return error{
      errc::resource_exhausted,
      fmt::format("the build was stopped: the server's disk has only {} MiB left. Free some "
                  "space below {}, and deploy again",
                  free / limits::mib, tree_.parent_path().parent_path().parent_path().string()),
      {{"reason", "disk"}}};
}

result<void> disk_quota::settle() {
  thread_.request_stop();
  if (thread_.joinable())
    thread_.join();
  if (verdict_)
    return *verdict_;
  return look({});
}

} // namespace pawl
