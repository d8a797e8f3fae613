#include "persistence/lmdb/audit_reading.hpp"

#include "persistence/lmdb/records.hpp"
#include "persistence/paging.hpp"

namespace pawl {

namespace {

using schema::database;

// The end of all keys: the last is in the year 9999.
constexpr std::string_view behind_all = "\xff\xff\xff\xff\xff\xff\xff\xff\xff";

} // namespace

result<audit_page> read_audit(const lmdb::transaction& in, const audit_query& query,
                              std::size_t scan_max) {
  auto range = paging::range_of(query);
  if (!range)
    return std::move(range).error();
  auto walk = in.walk(database::audit);
  if (!walk)
    return std::move(walk).error();
  const auto end =
      range->before ? schema::place(range->before->at, range->before->id) : std::string{behind_all};
  audit_page page;
  std::size_t seen = 0;
  std::string last;
  auto at = walk->before(end);
  for (; at && *at; at = walk->previous(), ++seen) {
    const auto place = schema::parse_place((*at)->key);
    if (!place)
      return records::corrupt(database::audit, (*at)->key, "it is no key of the audit journal");
    if (range->since && place->created_at < *range->since)
      break;
    if (page.records.size() + page.damaged.size() == query.limit || seen == scan_max) {
      const auto shown = schema::parse_place(last);
      page.next_cursor = paging::to_cursor({shown->created_at, std::string{shown->id}});
      break;
    }
    last = (*at)->key;
    auto record = records::decode<audit_record>((*at)->key, (*at)->value);
    if (!record)
      page.damaged.push_back(std::move(record).error());
    else if (paging::selects(query, *record))
      page.records.push_back(*std::move(record));
  }
  if (!at)
    return std::move(at).error();
  return page;
}

} // namespace pawl
