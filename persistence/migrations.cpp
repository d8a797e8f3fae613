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

// An index that this program has and the store's did not, filled from what is there. In steps, so
// that not all pages of a long history are in memory at once.
class index_filler {
public:
  virtual ~index_filler() = default;

  result<void> run(lmdb::environment& environment, database index) {
    // What an attempt that was cut off has left may lack what an older program wrote since.
    if (auto cleared =
            commit_step(environment, [&](lmdb::transaction& to) { return to.clear(index); });
        !cleared)
      return cleared;
    for (bool more = true; more;) {
      auto filled = commit_step(environment, [&](lmdb::transaction& to) -> result<void> {
        auto step = fill(to);
        more = step && *step;
        return step ? result<void>{} : std::move(step).error();
      });
      if (!filled)
        return filled;
      keep();
    }
    return {};
  }

protected:
  // One step; may be called again for the same. Whether more is to come.
  virtual result<bool> fill(lmdb::transaction& to) = 0;
  // What the step has written is committed.
  virtual void keep() = 0;
};

// `timelines` from `history`, from the newest on: then a step writes pages that lie beside each
// other.
class timeline_filler final : public index_filler {
public:
  explicit timeline_filler(std::size_t entries_of_a_step) : entries_of_a_step_(entries_of_a_step) {}

private:
  result<bool> fill(lmdb::transaction& to) override {
    next_ = done_;
    auto lanes = strands_in(to, database::history);
    if (!lanes)
      return std::move(lanes).error();
    auto walk = history_walk::begin(to, *std::move(lanes), next_);
    if (!walk)
      return std::move(walk).error();
    for (std::size_t n = 0; n < entries_of_a_step_ && !walk->at_end(); ++n) {
      next_.before = walk->head();
      const auto& prefix = walk->head_strand().prefix;
      const auto lane = schema::parse_lane_key(prefix.substr(0, prefix.size() - 1));
      const auto key = schema::timeline_key(lane.cluster, next_.before->at, next_.before->id);
      if (auto put = to.put(database::timelines, key, {}); !put)
        return std::move(put).error();
      if (auto good = walk->advance(); !good)
        return std::move(good).error();
    }
    return !walk->at_end();
  }

  void keep() override { done_ = next_; }

  std::size_t entries_of_a_step_;
  paging::range done_; // what is before this is to come
  paging::range next_;
};

// `ids` from `deployments`, in the order of both.
class id_filler final : public index_filler {
public:
  explicit id_filler(std::size_t entries_of_a_step) : entries_of_a_step_(entries_of_a_step) {}

private:
  result<bool> fill(lmdb::transaction& to) override {
    next_ = done_;
    auto walk = to.walk(database::deployments);
    if (!walk)
      return std::move(walk).error();
    auto at = walk->at_or_after(next_);
    for (std::size_t n = 0; at && *at && n < entries_of_a_step_; ++n, at = walk->next()) {
      next_ = std::string{(*at)->key} + '\0'; // the least that comes after it
      if (auto put = to.put(database::ids, schema::id_of_key((*at)->key), {}); !put)
        return std::move(put).error();
    }
    if (!at)
      return std::move(at).error();
    return at->has_value();
  }

  void keep() override { done_ = next_; }

  std::size_t entries_of_a_step_;
  std::string done_; // what is not below this is to come
  std::string next_;
};

} // namespace

result<void> migrate_store(lmdb::environment& environment, std::uint32_t from,
                           std::size_t entries_of_a_step) {
  if (from >= schema::format)
    return {};
  if (from < schema::info(database::timelines).since)
    if (auto filled = timeline_filler{entries_of_a_step}.run(environment, database::timelines);
        !filled)
      return filled;
  if (auto filled = id_filler{entries_of_a_step}.run(environment, database::ids); !filled)
    return filled;
  return commit_step(environment, [](lmdb::transaction& to) {
    return to.put(database::meta, schema::meta_key,
                  records::encode(schema::meta_key, records::meta_record{}));
  });
}

} // namespace pawl
