#include "persistence/lmdb/recovery_reading.hpp"

#include "persistence/lmdb/record_walk.hpp"
#include "persistence/lmdb/stored.hpp"

#include <algorithm>
#include <tuple>

namespace pawl {

namespace {

using schema::database;

class snapshot_reader {
public:
  explicit snapshot_reader(const lmdb::transaction& in) : in_(in) {}

  result<recovery_snapshot> run() {
    for (auto read : {&snapshot_reader::read_lanes, &snapshot_reader::read_unfinished,
                      &snapshot_reader::read_hosts})
      if (auto good = (this->*read)(); !good)
        return std::move(good).error();
    auto& open = found_.unfinished;
    std::erase_if(open, [&](const deployment& d) { return found_.damaged.contains(lane_of(d)); });
    std::sort(open.begin(), open.end(), [](const deployment& a, const deployment& b) {
      return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
    });
    return std::move(found_);
  }

private:
  result<void> read_lanes() {
    return each_entry(in_, database::lanes, [this](const lmdb::entry& entry) {
      auto key = schema::parse_lane_key(entry.key);
      auto lane = records::decode<lane_record>(entry.key, entry.value);
      if (!lane)
        return note(key, lane.error());
      if (lane->active)
        if (auto active = load_indexed(in_, *lane->active); !active)
          note(key, active.error());
      found_.lanes.push_back(*std::move(lane));
    });
  }

  result<void> read_unfinished() {
    return each_entry(in_, database::unfinished, [this](const lmdb::entry& entry) {
      auto place = schema::parse_history_key(entry.key);
      if (!place)
        return;
      auto d = load_indexed(in_, place->id);
      if (d)
        found_.unfinished.push_back(*std::move(d));
      else
        note(place->lane, d.error());
    });
  }

  // One that does not verify is claimed anew.
  result<void> read_hosts() {
    return each_entry(in_, database::hosts, [this](const lmdb::entry& entry) {
      if (auto claim = records::decode<host_claim>(entry.key, entry.value))
        found_.hosts.push_back(*std::move(claim));
    });
  }

  void note(const lane_key& lane, const error& why) { found_.damaged.emplace(lane, why); }

  const lmdb::transaction& in_;
  recovery_snapshot found_;
};

} // namespace

result<recovery_snapshot> read_recovery_snapshot(const lmdb::transaction& in) {
  return snapshot_reader{in}.run();
}

} // namespace pawl
