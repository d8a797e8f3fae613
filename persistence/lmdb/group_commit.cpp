#include "persistence/lmdb/group_commit.hpp"

#include "lifecycle/limits.hpp"
#include "persistence/lmdb/change_writer.hpp"

#include <algorithm>

namespace pawl {

namespace {

// Lines for a journal, and nothing else.
bool only_tells(const change& wanted) {
  const bool changes_something = !wanted.deployments.empty() || wanted.lane || wanted.freeze ||
                                 wanted.unfrozen || wanted.revoked_token || wanted.configuration;
  return !changes_something && !(wanted.journal.empty() && wanted.audit.empty());
}

// Changes that lead stored deployments to their end, and those that take rights away. A new
// deployment or token, and journal lines alone, would take room that those need.
bool may_use_reserve(const change& wanted) {
  return !only_tells(wanted) && !wanted.token && !wanted.configuration &&
         std::all_of(wanted.deployments.begin(), wanted.deployments.end(),
                     [](const deployment& one) { return one.internals.revision > 0; });
}

// `only_reserve` is the error for changes that may not use the reserve, if only that is left.
result<std::vector<result<receipt>>> try_commit(lmdb::environment& environment,
                                                std::span<const change> changes,
                                                const std::optional<error>& only_reserve) {
  auto writing = environment.write();
  if (!writing)
    return std::move(writing).error();
  std::vector<result<receipt>> results;
  bool wrote = false;
  for (const auto& wanted : changes) {
    if (only_reserve && !may_use_reserve(wanted)) {
      results.emplace_back(*only_reserve);
      continue;
    }
    auto judged = judge(*writing, wanted);
    if (!judged) {
      results.emplace_back(std::move(judged).error());
      continue;
    }
    if (auto done = write(*writing, *judged); !done)
      return std::move(done).error();
    wrote = true;
    results.emplace_back(std::move(judged->kept));
  }
  if (wrote)
    if (auto durable = writing->commit(); !durable)
      return std::move(durable).error();
  return results;
}

} // namespace

std::vector<result<receipt>>
commit_changes(lmdb::environment& environment, std::span<const change> changes,
               const std::function<void(const error&)>& on_lost_flush) {
  if (changes.empty())
    return {};
  auto all = [&](const error& why) {
    if (on_lost_flush && (lmdb::is_failed_flush(why) || environment.is_lost()))
      on_lost_flush(why);
    return std::vector<result<receipt>>(changes.size(), why);
  };
  std::optional<error> only_reserve;
  auto room = environment.keep_free(limits::store_map_free_percent);
  if (room)
    room = environment.keep_blocks(limits::store_disk_free);
  if (!room) {
    if (room.error().code != errc::resource_exhausted)
      return all(room.error());
    only_reserve = room.error();
  }
  for (;;) {
    auto done = try_commit(environment, changes, only_reserve);
    if (done)
      return *std::move(done);
    if (!lmdb::is_map_full(done.error()))
      return all(done.error());
    if (auto grown = environment.grow(); !grown)
      return all(grown.error());
  }
}

} // namespace pawl
