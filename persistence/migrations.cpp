#include "persistence/history_walk.hpp"
#include "persistence/records.hpp"
#include "persistence/store_format.hpp"

#include <functional>

namespace pawl {

namespace {

using schema::database;

using write_step = std::function<result<void>(lmdb::transaction&)>;

// Does the step and commits it; in a map that has grown, where it was too small.
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

// Fills `timelines` from `history`, from the newest on: then a step writes pages that lie beside
// each other. Steps, so that not all pages of a long history are in memory at once.
class timeline_filler {
public:
  timeline_filler(lmdb::environment& environment, std::size_t entries_of_a_step)
      : environment_(environment), entries_of_a_step_(entries_of_a_step) {}

  result<void> run() {
    // What an attempt that was cut off has left may lack what an older program wrote since.
    if (auto cleared = commit_step(
            environment_, [](lmdb::transaction& to) { return to.clear(database::timelines); });
        !cleared)
      return cleared;
    for (bool more = true; more;) {
      range next = done_;
      auto filled =
          commit_step(environment_, [&](lmdb::transaction& to) { return fill(to, next, more); });
      if (!filled)
        return filled;
      done_ = next;
    }
    return {};
  }

private:
  using range = paging::range;

  result<void> fill(lmdb::transaction& to, range& next, bool& more) {
    next = done_;
    auto lanes = strands_in(to, database::history);
    if (!lanes)
      return std::move(lanes).error();
    auto walk = history_walk::begin(to, *std::move(lanes), next);
    if (!walk)
      return std::move(walk).error();
    for (std::size_t n = 0; n < entries_of_a_step_ && !walk->at_end(); ++n) {
      next.before = walk->head();
      const auto& prefix = walk->head_strand().prefix;
      const auto lane = schema::parse_lane_key(prefix.substr(0, prefix.size() - 1));
      const auto key = schema::timeline_key(lane.cluster, next.before->at, next.before->id);
      if (auto put = to.put(database::timelines, key, {}); !put)
        return put;
      if (auto good = walk->advance(); !good)
        return good;
    }
    more = !walk->at_end();
    return {};
  }

  lmdb::environment& environment_;
  std::size_t entries_of_a_step_;
  range done_; // what is before this is to come
};

} // namespace

result<void> migrate_store(lmdb::environment& environment, std::uint32_t from,
                           std::size_t entries_of_a_step) {
  if (from >= schema::format)
    return {};
  if (auto filled = timeline_filler{environment, entries_of_a_step}.run(); !filled)
    return filled;
  return commit_step(environment, [](lmdb::transaction& to) {
    return to.put(database::meta, schema::meta_key,
                  records::encode(schema::meta_key, records::meta_record{}));
  });
}

} // namespace pawl
