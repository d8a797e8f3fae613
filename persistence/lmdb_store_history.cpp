#include "persistence/lmdb_store.hpp"

#include "persistence/paging.hpp"
#include "persistence/storable.hpp"
#include "persistence/stored.hpp"

#include <algorithm>

namespace pawl {

namespace {

using paging::position;
using schema::database;

// One lane's part of the history, walked from the newest to the oldest.
class lane_walk {
public:
  // With its newest deployment in the range as the head, if there is one.
  static result<lane_walk> begin(const lmdb::transaction& in, const lane_key& lane,
                                 const paging::range& range) {
    auto cursor = in.walk(database::history);
    if (!cursor)
      return std::move(cursor).error();
    lane_walk walk{*std::move(cursor), lane, range.since};
    auto end = range.before ? schema::history_key(lane, range.before->at, range.before->id)
                            : schema::after_lane(lane);
    auto good = walk.take(walk.cursor_.before(end));
    if (!good)
      return std::move(good).error();
    return walk;
  }

  const std::optional<position>& head() const { return head_; }

  result<void> advance() { return take(cursor_.previous()); }

  friend bool operator<(const lane_walk& a, const lane_walk& b) { return a.head_ < b.head_; }

private:
  lane_walk(lmdb::cursor cursor, const lane_key& lane, std::optional<timestamp> since)
      : cursor_(std::move(cursor)), prefix_(schema::lane_prefix(lane)), since_(since) {}

  result<void> take(result<std::optional<lmdb::entry>> at) {
    if (!at)
      return std::move(at).error();
    head_.reset();
    if (!*at || !(*at)->key.starts_with(prefix_))
      return {};
    auto entry = schema::parse_history_key((*at)->key);
    if (!entry)
      return records::corrupt(database::history, (*at)->key, "it is no key of an index");
    if (!since_ || entry->created_at >= *since_)
      head_ = position{entry->created_at, std::move(entry->id)};
    return {};
  }

  lmdb::cursor cursor_;
  std::string prefix_;
  std::optional<timestamp> since_;
  std::optional<position> head_;
};

// The lanes that have a history, of one app or one cluster where that is given: one seek for each.
result<std::vector<lane_key>> lanes_in(const lmdb::transaction& in, const history_query& query) {
  if ((query.app && !is_storable_name(*query.app)) ||
      (query.cluster && !is_storable_name(*query.cluster)))
    return std::vector<lane_key>{};
  if (query.app && query.cluster)
    return std::vector{lane_key{*query.app, *query.cluster}};
  auto walk = in.walk(database::history);
  if (!walk)
    return std::move(walk).error();
  std::vector<lane_key> lanes;
  auto prefix = query.app ? schema::terminated(*query.app) : std::string{};
  auto at = walk->at_or_after(prefix);
  while (at && *at && (*at)->key.starts_with(prefix)) {
    auto entry = schema::parse_history_key((*at)->key);
    if (!entry)
      return records::corrupt(database::history, (*at)->key, "it is no key of an index");
    if (!query.cluster || entry->lane.cluster == *query.cluster)
      lanes.push_back(entry->lane);
    at = walk->at_or_after(schema::after_lane(entry->lane));
  }
  if (!at)
    return std::move(at).error();
  return lanes;
}

// The lanes' walks merged, the newest head first: a heap, so that a step costs the logarithm of
// the number of lanes.
class merged_walk {
public:
  static result<merged_walk> begin(const lmdb::transaction& in, const history_query& query,
                                   const paging::range& range) {
    auto lanes = lanes_in(in, query);
    if (!lanes)
      return std::move(lanes).error();
    merged_walk merged;
    for (const auto& lane : *lanes) {
      auto walk = lane_walk::begin(in, lane, range);
      if (!walk)
        return std::move(walk).error();
      if (walk->head())
        merged.walks_.push_back(*std::move(walk));
    }
    std::make_heap(merged.walks_.begin(), merged.walks_.end());
    return merged;
  }

  bool at_end() const { return walks_.empty(); }
  const position& head() const { return *walks_.front().head(); }

  result<void> advance() {
    std::pop_heap(walks_.begin(), walks_.end());
    if (auto good = walks_.back().advance(); !good)
      return good;
    if (walks_.back().head())
      std::push_heap(walks_.begin(), walks_.end());
    else
      walks_.pop_back();
    return {};
  }

private:
  std::vector<lane_walk> walks_; // each has a head
};

} // namespace

result<history_page> lmdb_store::history(const history_query& query) const {
  auto range = paging::range_of(query);
  if (!range)
    return std::move(range).error();
  auto reading = environment_->read();
  if (!reading)
    return std::move(reading).error();
  auto walk = merged_walk::begin(*reading, query, *range);
  if (!walk)
    return std::move(walk).error();
  history_page page;
  position last;
  for (std::size_t seen = 0; !walk->at_end(); ++seen) {
    if (page.deployments.size() + page.damaged.size() == query.limit ||
        seen == options_.history_scan_max) {
      page.next_cursor = paging::to_cursor(last);
      break;
    }
    last = walk->head();
    auto d = load_indexed(*reading, last.id);
    if (!d && d.error().code != errc::data_corruption)
      return std::move(d).error();
    if (!d)
      page.damaged.push_back(std::move(d).error());
    else if (paging::selects(query, *d))
      page.deployments.push_back(*std::move(d));
    if (auto good = walk->advance(); !good)
      return std::move(good).error();
  }
  return page;
}

} // namespace pawl
