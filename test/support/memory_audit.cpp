#include "test/support/memory_audit.hpp"

#include "persistence/lmdb/schema.hpp"
#include "persistence/storable.hpp"

#include <algorithm>
#include <iterator>

namespace pawl::test {

bool memory_freezes::is_set(const freeze_scope& scope) const {
  return std::any_of(all_.begin(), all_.end(),
                     [&](const freeze_record& one) { return scope_of(one) == scope; });
}

result<void> memory_freezes::judge(const change& wanted) const {
  if (wanted.freeze && !is_set(scope_of(*wanted.freeze)) &&
      all_.size() - over_at(*wanted.freeze).size() >= limits::freezes)
    return no_room_for_freeze();
  if (wanted.unfrozen && !is_set(*wanted.unfrozen))
    return not_frozen(*wanted.unfrozen, all_);
  return {};
}

std::vector<freeze_record> memory_freezes::over_at(const freeze_record& next) const {
  std::vector<freeze_record> over;
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(over), [&](const freeze_record& one) {
    return is_over(one, next.at) && scope_of(one) != scope_of(next);
  });
  return over;
}

std::optional<freeze_record> memory_freezes::take_out(const freeze_scope& scope) {
  auto found = std::find_if(all_.begin(), all_.end(),
                            [&](const freeze_record& one) { return scope_of(one) == scope; });
  if (found == all_.end())
    return std::nullopt;
  auto out = std::move(*found);
  all_.erase(found);
  return out;
}

void memory_freezes::apply(const change& wanted, receipt& kept) {
  kept.freeze = wanted.freeze;
  if (wanted.freeze) {
    kept.over_freezes = over_at(*wanted.freeze);
    for (const auto& over : kept.over_freezes)
      take_out(scope_of(over));
    take_out(scope_of(*wanted.freeze));
    all_.push_back(*wanted.freeze);
    std::sort(all_.begin(), all_.end(), [](const freeze_record& a, const freeze_record& b) {
      return std::tie(a.app, a.cluster) < std::tie(b.app, b.cluster);
    });
  }
  if (wanted.unfrozen)
    kept.lifted = take_out(*wanted.unfrozen);
}

void memory_audit::apply(const change& wanted, receipt& kept) {
  for (const auto& record : wanted.audit) {
    const auto behind = all_.lower_bound({record.at + std::chrono::milliseconds{1}, {}});
    const bool is_first = behind == all_.begin() || std::prev(behind)->first.at != record.at;
    const auto number = is_first ? 0 : schema::from_big_endian(std::prev(behind)->first.id) + 1;
    all_.emplace(
        paging::position{record.at, schema::big_endian<schema::audit_number_bytes>(number)},
        record);
  }
  while (wanted.audit_kept_since && !all_.empty() &&
         all_.begin()->first.at < *wanted.audit_kept_since &&
         kept.audit_removed < limits::audit_removed_at_once) {
    all_.erase(all_.begin());
    ++kept.audit_removed;
  }
}

result<audit_page> memory_audit::page(const audit_query& query, std::size_t scan_max) const {
  auto range = paging::range_of(query);
  if (!range)
    return std::move(range).error();
  audit_page page;
  std::size_t seen = 0;
  auto newest =
      std::make_reverse_iterator(range->before ? all_.lower_bound(*range->before) : all_.end());
  for (; newest != all_.rend() && (!range->since || newest->first.at >= *range->since);
       ++newest, ++seen) {
    if (page.records.size() == query.limit || seen == scan_max) {
      page.next_cursor = paging::to_cursor(std::prev(newest)->first);
      break;
    }
    if (paging::selects(query, newest->second))
      page.records.push_back(newest->second);
  }
  return page;
}

void memory_configurations::apply(const change& wanted, receipt& kept) {
  if (!wanted.configuration)
    return;
  const auto& made = *wanted.configuration;
  all_.insert_or_assign({made.lane, made.number}, made);
  for (const auto number : wanted.dropped_configurations)
    all_.erase({made.lane, number});
  kept.configuration = made;
}

result<configuration> memory_configurations::find(const lane_key& lane,
                                                  config_number number) const {
  const auto found = all_.find({lane, number});
  return found == all_.end() ? result<configuration>{no_configuration(lane, number)}
                             : result<configuration>{found->second};
}

} // namespace pawl::test
