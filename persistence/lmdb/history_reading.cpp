#include "persistence/lmdb/history_reading.hpp"

#include "persistence/lmdb/history_walk.hpp"
#include "persistence/lmdb/stored.hpp"
#include "persistence/storable.hpp"

namespace pawl {

namespace {

using schema::database;

// The parts of the indexes that the query walks: for all apps the clusters' timelines, so that the
// cost does not depend on the number of lanes; for one app its lanes, which are few.
result<std::vector<strand>> strands_of(const lmdb::transaction& in, const history_query& query) {
  if ((query.app && !is_storable_name(*query.app)) ||
      (query.cluster && !is_storable_name(*query.cluster)))
    return std::vector<strand>{};
  if (query.app && query.cluster)
    return std::vector{
        strand{database::history, schema::lane_prefix({*query.app, *query.cluster})}};
  if (query.app)
    return strands_in(in, database::history, schema::terminated(*query.app));
  if (query.cluster)
    return std::vector{strand{database::timelines, schema::terminated(*query.cluster)}};
  return strands_in(in, database::timelines);
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
  auto walk = history_walk::begin(in, *std::move(strands), *range);
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
