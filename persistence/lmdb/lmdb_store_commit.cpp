#include "persistence/lmdb/change_writer.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <algorithm>

namespace pawl {

namespace {

// What leads deployments that are stored to their end. What begins one, and lines of a journal,
// take room that their ends may need.
bool may_use_reserve(const change& wanted) {
  return (!wanted.deployments.empty() || wanted.journal.empty()) &&
         std::all_of(wanted.deployments.begin(), wanted.deployments.end(),
                     [](const deployment& one) { return one.internals.revision > 0; });
}

} // namespace

std::vector<result<receipt>> lmdb_store::commit(std::span<const change> changes) {
  if (changes.empty())
    return {};
  auto all = [&](const error& why) { return std::vector<result<receipt>>(changes.size(), why); };
  std::optional<error> only_reserve;
  auto room = environment_->keep_free(limits::store_map_free_percent);
  if (room)
    room = environment_->keep_blocks(limits::store_disk_free);
  if (!room) {
    if (room.error().code != errc::resource_exhausted)
      return all(room.error());
    only_reserve = room.error();
  }
  for (;;) {
    auto done = try_commit(changes, only_reserve);
    if (done)
      return *std::move(done);
    if (!lmdb::is_map_full(done.error()))
      return all(done.error());
    if (auto grown = environment_->grow(); !grown)
      return all(grown.error());
  }
}

result<std::vector<result<receipt>>>
lmdb_store::try_commit(std::span<const change> changes, const std::optional<error>& only_reserve) {
  auto writing = environment_->write();
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
    if (auto durable = writing->commit(); !durable) {
      if (options_.on_lost_flush && durable.error().code != errc::resource_exhausted)
        options_.on_lost_flush(durable.error());
      return std::move(durable).error();
    }
  return results;
}

} // namespace pawl
