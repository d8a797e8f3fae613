#include "persistence/change_writer.hpp"
#include "persistence/lmdb_store.hpp"

namespace pawl {

std::vector<result<receipt>> lmdb_store::commit(std::span<const change> changes) {
  if (changes.empty())
    return {};
  auto all = [&](const error& why) { return std::vector<result<receipt>>(changes.size(), why); };
  if (auto room = environment_->keep_free(limits::store_map_free_percent); !room)
    return all(room.error());
  for (;;) {
    auto done = try_commit(changes);
    if (done)
      return *std::move(done);
    if (!lmdb::is_map_full(done.error()))
      return all(done.error());
    if (auto grown = environment_->grow(); !grown)
      return all(grown.error());
  }
}

result<std::vector<result<receipt>>> lmdb_store::try_commit(std::span<const change> changes) {
  auto writing = environment_->write();
  if (!writing)
    return std::move(writing).error();
  std::vector<result<receipt>> results;
  bool wrote = false;
  for (const auto& wanted : changes) {
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
