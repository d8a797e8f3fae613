#include "persistence/lmdb/migrations.hpp"

#include "persistence/lmdb/history_walk.hpp"
#include "persistence/lmdb/records.hpp"

#include <functional>

namespace pawl {

namespace {

using schema::database;

using write_step = std::function<result<void>(lmdb::transaction&)>;

// Does the step and commits it; grows the map and does it again if the map was too small.
result<void> commit_step(lmdb::environment& environment, const write_step& what) {
  for (;;) {
    auto done = [&]() -> result<void> {
      auto writing = environment.write();
      if (!writing)
        return std::move(writing).error();
      auto written = what(*writing);
      return written ? writing->commit() : std::move(written);
    }();
    if (done || !lmdb::is_map_full(done.error()))
      return done;
    if (auto grown = environment.grow(); !grown)
      return grown;
  }
}

// Fills an index that the store's format does not have, from the databases that it has. In steps,
// so that the pages of a long history are not all in memory at once: `fill` does the next step from
// the given place, sets it to where it stopped, and returns whether there is more.
template <class Place>
result<void>
fill_index(lmdb::environment& environment, database index,
           const std::function<result<bool>(lmdb::transaction& to, Place& place)>& fill) {
  // Entries of an interrupted attempt may lack those of changes that an older program made since.
  if (auto cleared =
          commit_step(environment, [&](lmdb::transaction& to) { return to.clear(index); });
      !cleared)
    return cleared;
  Place done;
  for (bool more = true; more;) {
    Place next;
    auto filled = commit_step(environment, [&](lmdb::transaction& to) -> result<void> {
      next = done; // a step that did not fit is done again
      auto step = fill(to, next);
      more = step && *step;
      return step ? result<void>{} : std::move(step).error();
    });
    if (!filled)
      return filled;
    done = std::move(next);
  }
  return {};
}

// `timelines` from `history`, beginning with the newest: then a step writes neighbouring pages.
result<bool> fill_timelines(lmdb::transaction& to, paging::range& place,
                            std::size_t entries_of_a_step) {
  auto lanes = strands_in(to, database::history);
  if (!lanes)
    return std::move(lanes).error();
  auto walk = history_walk::begin(to, *std::move(lanes), place);
  if (!walk)
    return std::move(walk).error();
  for (std::size_t n = 0; n < entries_of_a_step && !walk->at_end(); ++n) {
    place.before = walk->head();
    const auto& prefix = walk->head_strand().prefix;
    const auto lane = schema::parse_lane_key(prefix.substr(0, prefix.size() - 1));
    const auto key = schema::timeline_key(lane.cluster, place.before->at, place.before->id);
    if (auto put = to.put(database::timelines, key, {}); !put)
      return std::move(put).error();
    if (auto good = walk->advance(); !good)
      return std::move(good).error();
  }
  return !walk->at_end();
}

// `ids` from `deployments`, from the given key on.
result<bool> fill_ids(lmdb::transaction& to, std::string& place, std::size_t entries_of_a_step) {
  auto walk = to.walk(database::deployments);
  if (!walk)
    return std::move(walk).error();
  auto at = walk->at_or_after(place);
  for (std::size_t n = 0; at && *at && n < entries_of_a_step; ++n, at = walk->next()) {
    place = std::string{(*at)->key} + '\0'; // the least that comes after it
    if (auto put = to.put(database::ids, schema::id_of_key((*at)->key), {}); !put)
      return std::move(put).error();
  }
  if (!at)
    return std::move(at).error();
  return at->has_value();
}

} // namespace

result<void> migrate_store(lmdb::environment& environment, std::uint32_t from,
                           std::size_t entries_of_a_step) {
  if (from >= schema::format)
    return {};
  if (from < schema::info(database::timelines).since) {
    auto filled =
        fill_index<paging::range>(environment, database::timelines, [=](auto& to, auto& place) {
          return fill_timelines(to, place, entries_of_a_step);
        });
    if (!filled)
      return filled;
  }
  if (from < schema::info(database::ids).since) {
    auto filled = fill_index<std::string>(environment, database::ids, [=](auto& to, auto& place) {
      return fill_ids(to, place, entries_of_a_step);
    });
    if (!filled)
      return filled;
  }
  return commit_step(environment, [](lmdb::transaction& to) {
    return to.put(database::meta, schema::meta_key,
                  records::encode(schema::meta_key, records::meta_record{}));
  });
}

} // namespace pawl
