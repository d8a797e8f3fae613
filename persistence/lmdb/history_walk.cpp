#include "persistence/lmdb/history_walk.hpp"

#include "persistence/lmdb/records.hpp"

#include <algorithm>

namespace pawl {

namespace {

using schema::database;

error no_key(database index, std::string_view key) {
  return records::corrupt(index, key, "it is no key of an index");
}

} // namespace

result<std::vector<strand>> strands_in(const lmdb::transaction& in, database index,
                                       std::string_view under) {
  auto walk = in.walk(index);
  if (!walk)
    return std::move(walk).error();
  std::vector<strand> found;
  auto at = walk->at_or_after(under);
  while (at && *at && (*at)->key.starts_with(under)) {
    auto prefix = schema::strand_prefix(index, (*at)->key);
    if (prefix.empty())
      return no_key(index, (*at)->key);
    found.push_back({index, std::string{prefix}});
    at = walk->at_or_after(schema::after_strand(found.back().prefix));
  }
  if (!at)
    return std::move(at).error();
  return found;
}

result<history_walk> history_walk::begin(const lmdb::transaction& in, std::vector<strand> strands,
                                         const paging::range& range) {
  history_walk begun;
  begun.since_ = range.since;
  begun.cursors_.reserve(strands.size());
  for (auto& one : strands) {
    auto cursor = in.walk(one.index);
    if (!cursor)
      return std::move(cursor).error();
    const auto end = range.before ? one.prefix + schema::place(range.before->at, range.before->id)
                                  : schema::after_strand(one.prefix);
    strand_cursor walked{std::move(one), *std::move(cursor)};
    auto taken = begun.take(walked, walked.at.before(end));
    if (!taken)
      return std::move(taken).error();
    if (*taken)
      begun.cursors_.push_back(std::move(walked));
  }
  std::make_heap(begun.cursors_.begin(), begun.cursors_.end());
  return begun;
}

result<void> history_walk::advance() {
  std::pop_heap(cursors_.begin(), cursors_.end());
  auto& walked = cursors_.back();
  auto taken = take(walked, walked.at.previous());
  if (!taken)
    return std::move(taken).error();
  if (*taken)
    std::push_heap(cursors_.begin(), cursors_.end());
  else
    cursors_.pop_back();
  return {};
}

result<bool> history_walk::take(strand_cursor& to,
                                const result<std::optional<lmdb::entry>>& at) const {
  if (!at)
    return at.error();
  if (!*at || !(*at)->key.starts_with(to.of.prefix))
    return false;
  auto place = schema::parse_place((*at)->key.substr(to.of.prefix.size()));
  if (!place)
    return no_key(to.of.index, (*at)->key);
  to.head.at = place->created_at;
  to.head.id.assign(place->id);
  return !since_ || to.head.at >= *since_;
}

} // namespace pawl
