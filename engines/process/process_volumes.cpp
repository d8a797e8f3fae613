#include "engines/process/process_volumes.hpp"

#include "engines/process/instance_record.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/volumes.hpp"
#include "posix/files.hpp"
#include "posix/tree_removal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <tuple>

#include <sys/stat.h>
#include <unistd.h>

namespace pawl {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t block_bytes = 512; // of st_blocks

fs::path all_in(const sandbox_host& host) {
  return host.config().data_dir / "volumes";
}

fs::path removed_in(const sandbox_host& host) {
  return host.config().data_dir / "removed-volumes";
}

// A crash may have left it without its owner, who could not write then.
bool is_made_for(const fs::path& path, std::uint32_t owner) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode) &&
         (::geteuid() != 0 || about.st_uid == owner);
}

// Only its owner and root look into it. All names on the way to it are durable, from below
// `data_dir` on.
result<void> make_directory_for(const fs::path& path, const fs::path& data_dir,
                                std::uint32_t owner) {
  if (auto made = make_directories(path); !made)
    return made;
  if (::geteuid() == 0 && ::lchown(path.c_str(), owner, owner) != 0)
    return system_error("give the volume " + path.native() + " to its app", errno);
  for (auto above = path; above != data_dir;) {
    above = above.parent_path();
    if (auto synced = sync_directory(above); !synced)
      return synced;
  }
  return {};
}

fs::path free_name_in(const fs::path& directory) {
  std::error_code absent;
  std::uint64_t number = 1;
  while (fs::exists(directory / std::to_string(number), absent))
    ++number;
  return directory / std::to_string(number);
}

// Adds what the tree takes of the disk, until the deadline. Its app changes it meanwhile: an entry
// that is gone counts nothing.
bool measure(const fs::path& tree, std::chrono::steady_clock::time_point until,
             std::uint64_t& bytes) {
  std::error_code problem;
  fs::recursive_directory_iterator walk{tree, fs::directory_options::skip_permission_denied,
                                        problem};
  for (; !problem && walk != fs::recursive_directory_iterator{}; walk.increment(problem)) {
    struct stat about {};
    if (::lstat(walk->path().c_str(), &about) == 0)
      bytes += static_cast<std::uint64_t>(about.st_blocks) * block_bytes;
    if (std::chrono::steady_clock::now() > until)
      return false;
  }
  return !problem;
}

} // namespace

fs::path process_volumes::path_of(const lane_key& lane, const std::string& name) const {
  return all_in(host_) / lane.app / lane.cluster / name;
}

result<process_volumes::hold> process_volumes::make(const lane_key& lane,
                                                    const manifest& settings) {
  hold held;
  for (const auto& [name, volume] : settings.volumes) {
    if (auto good = check_volume_name(name); !good)
      return std::move(good).error();
    const auto path = path_of(lane, name);
    held.push_back(std::make_unique<keyed_mutex::lock>(calls_, path.native()));
    const auto owner = app_identity(lane.app);
    if (is_made_for(path, owner))
      continue;
    if (auto made = make_directory_for(path, host_.config().data_dir, owner); !made)
      return std::move(made).error();
  }
  return held;
}

std::vector<sandbox_volume> process_volumes::places(const lane_key& lane,
                                                    const manifest& settings) const {
  std::vector<sandbox_volume> all;
  for (const auto& [name, volume] : settings.volumes)
    all.push_back({path_of(lane, name), volume.path});
  return all;
}

result<std::vector<volume>> process_volumes::list() const {
  const auto until = std::chrono::steady_clock::now() + limits::volumes_measured_for;
  std::vector<volume> found;
  for (const auto& app : names_in(all_in(host_)))
    for (const auto& cluster : names_in(all_in(host_) / app))
      for (const auto& name : names_in(all_in(host_) / app / cluster)) {
        volume one{{app, cluster}, name};
        one.measured = measure(path_of(one.lane, name), until, one.bytes);
        found.push_back(std::move(one));
      }
  std::sort(found.begin(), found.end(), [](const volume& a, const volume& b) {
    return std::tie(a.lane.app, a.lane.cluster, a.name) <
           std::tie(b.lane.app, b.lane.cluster, b.name);
  });
  return found;
}

// An instance that has ended and is not stopped yet counts: it is started again with the volume.
std::optional<std::string> process_volumes::user_of(const lane_key& lane,
                                                    const std::string& name) const {
  const auto instances = host_.config().data_dir / "instances";
  for (const auto& each : names_in(instances)) {
    const auto record =
        read_record(instances / each / "record.json", host_.mark_of(instance_job(each)));
    if (record && record->lane == lane &&
        std::find(record->volumes.begin(), record->volumes.end(), name) != record->volumes.end())
      return each;
  }
  return std::nullopt;
}

result<void> process_volumes::remove(const lane_key& lane, const std::string& name) {
  for (auto good :
       {check_name("app", lane.app), check_name("cluster", lane.cluster), check_volume_name(name)})
    if (!good)
      return good;
  const auto path = path_of(lane, name);
  {
    keyed_mutex::lock mine{calls_, path.native()};
    std::error_code absent;
    if (!fs::is_directory(path, absent))
      return error{errc::not_found,
                   fmt::format("{} has no volume {} in {}", lane.app, name, lane.cluster),
                   {{"volume", name}}};
    if (auto user = user_of(lane, name))
      return error{errc::invalid_transition,
                   fmt::format("the volume {} is in use by the instance {}", name, *user),
                   {{"volume", name}, {"instance", *user}}};
    std::lock_guard alone{removing_};
    if (auto made = make_directories(removed_in(host_)); !made)
      return made;
    if (auto moved = rename_durably(path, free_name_in(removed_in(host_))); !moved)
      return moved;
  }
  finish_removals();
  return {};
}

// A tree that cannot be removed now is tried again by the next call.
void process_volumes::finish_removals() const {
  std::lock_guard alone{removing_};
  for (const auto& name : names_in(removed_in(host_)))
    [[maybe_unused]] auto removed = remove_tree(removed_in(host_) / name);
}

} // namespace pawl
