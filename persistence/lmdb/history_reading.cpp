#include "persistence/lmdb/history_reading.hpp"

#include "persistence/lmdb/history_walk.hpp"
#include "persistence/lmdb/stored.hpp"
#include "persistence/storable.hpp"

#include <algorithm>
#include <iterator>

namespace pawl {

namespace {

using schema::database;

// The names of a strand's prefix, whose last byte is a NUL.
lane_key lane_of(const strand& one) {
  return schema::parse_lane_key(one.prefix.substr(0, one.prefix.size() - 1));
}

std::string cluster_of_timeline(const strand& one) {
  return one.prefix.substr(0, one.prefix.size() - 1);
}

// Somebody who sees some apps only walks their lanes: a timeline has the others too.
result<std::vector<strand>> strands_of_seen_apps(const lmdb::transaction& in,
                                                 const history_query& query) {
  std::vector<strand> all;
  for (const auto& app : query.seen.apps) {
    auto lanes = strands_in(in, database::history, schema::terminated(app));
    if (!lanes)
      return lanes;
    std::move(lanes->begin(), lanes->end(), std::back_inserter(all));
  }
  std::erase_if(all, [&](const strand& one) {
    return query.cluster && lane_of(one).cluster != *query.cluster;
  });
  return all;
}

// The parts of the indexes that the query walks: for all apps the clusters' timelines, so that the
// cost does not depend on the number of lanes; for one app, or some, their lanes, which are few.
result<std::vector<strand>> strands_of(const lmdb::transaction& in, const history_query& query) {
  if ((query.app && !is_storable_name(*query.app)) ||
      (query.cluster && !is_storable_name(*query.cluster)))
    return std::vector<strand>{};
  if (query.app && query.cluster)
    return std::vector{
        strand{database::history, schema::lane_prefix({*query.app, *query.cluster})}};
  if (query.app)
    return strands_in(in, database::history, schema::terminated(*query.app));
  if (!query.seen.apps.empty())
    return strands_of_seen_apps(in, query);
  if (query.cluster)
    return std::vector{strand{database::timelines, schema::terminated(*query.cluster)}};
  return strands_in(in, database::timelines);
}

// Without those of lanes and clusters that are not seen: their records are not even read.
std::vector<strand> seen_of(std::vector<strand> strands, const grant& seen) {
  std::erase_if(strands, [&](const strand& one) {
    return one.index == database::timelines
               ? !covers({role::view, {}, seen.clusters}, {}, cluster_of_timeline(one))
               : !covers(seen, lane_of(one).app, lane_of(one).cluster);
  });
  return strands;
}

} // namespace

result<history_page> read_history(const lmdb::transaction& in, const history_query& query,
                                  std::size_t scan_max) {
  auto range = paging::range_of(query);
  if (!range)
    return std::move(range).error();
  auto strands = strands_of(in, query);
  if (!strands)
    return std::move(strands).error();
  auto walk = history_walk::begin(in, seen_of(*std::move(strands), query.seen), *range);
  if (!walk)
    return std::move(walk).error();
  history_page page;
  page.deployments.reserve(query.limit);
  paging::position last;
  for (std::size_t seen = 0; !walk->at_end(); ++seen) {
    if (page.deployments.size() + page.damaged.size() == query.limit || seen == scan_max) {
      page.next_cursor = paging::to_cursor(last);
      break;
    }
    last = walk->head();
    auto& d = page.deployments.emplace_back();
    auto loaded = load_indexed_into(d, in, last.id);
    if (!loaded && loaded.error().code != errc::data_corruption)
      return std::move(loaded).error();
    if (!loaded || !paging::selects(query, d))
      page.deployments.pop_back();
    if (!loaded)
      page.damaged.push_back(std::move(loaded).error());
    if (auto good = walk->advance(); !good)
      return std::move(good).error();
  }
  return page;
}

} // namespace pawl
