#include "persistence/paging.hpp"

#include "persistence/lmdb/checksum.hpp"
#include "persistence/lmdb/schema.hpp"

#include <fmt/format.h>

#include <charconv>

namespace pawl::paging {

namespace {

constexpr std::size_t time_bytes = 8;
constexpr std::size_t checksum_bytes = 4;
constexpr std::size_t cursor_max = 512; // characters; far over what an id needs

error not_ours() {
  return {errc::invalid_argument,
          "this cursor was not given out by the server: take next_cursor of the page before, or "
          "leave it out to begin with the newest",
          {}};
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0 || text.size() > cursor_max)
    return std::nullopt;
  std::string bytes;
  for (; !text.empty(); text.remove_prefix(2)) {
    unsigned value = 0;
    auto [end, problem] = std::from_chars(text.data(), text.data() + 2, value, 16);
    if (problem != std::errc{} || end != text.data() + 2)
      return std::nullopt;
    bytes.push_back(static_cast<char>(value));
  }
  return bytes;
}

std::size_t bytes_of(const std::optional<failure>& x) {
  if (!x)
    return 0;
  std::size_t total = x->message.size();
  for (const auto& [key, value] : x->details)
    total += key.size() + value.size();
  return total;
}

std::size_t bytes_of_body(const state_event& x) {
  return bytes_of(x.error);
}
std::size_t bytes_of_body(const progress_event& x) {
  return x.step.size() + x.unit.size();
}
std::size_t bytes_of_body(const log_event& x) {
  return x.step.size() + x.stream.size() + x.line.size();
}
std::size_t bytes_of_body(const health_event& x) {
  return x.instance.size() + x.detail.size();
}
std::size_t bytes_of_body(const warning_event& x) {
  return x.message.size();
}

} // namespace

std::string to_cursor(const position& at) {
  auto ms = static_cast<std::uint64_t>(at.at.time_since_epoch().count());
  auto bytes = schema::big_endian<time_bytes>(ms) + at.id;
  bytes += schema::big_endian<checksum_bytes>(crc32c(bytes));
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte / digits.size()]);
    out.push_back(digits[byte % digits.size()]);
  }
  return out;
}

result<position> from_cursor(std::string_view cursor) {
  auto bytes = from_hex(cursor);
  if (!bytes || bytes->size() <= time_bytes + checksum_bytes)
    return not_ours();
  std::string_view body{bytes->data(), bytes->size() - checksum_bytes};
  auto checksum = std::string_view{*bytes}.substr(body.size());
  if (schema::from_big_endian(checksum) != crc32c(body))
    return not_ours();
  auto ms = static_cast<std::int64_t>(schema::from_big_endian(body.substr(0, time_bytes)));
  position at{timestamp{std::chrono::milliseconds{ms}}, std::string{body.substr(time_bytes)}};
  if (to_cursor(at) != cursor)
    return not_ours();
  return at;
}

namespace {

template <class Query>
result<range> range_of_query(const Query& query) {
  if (query.limit < 1 || query.limit > limits::history_page_max)
    return error{
        errc::invalid_argument,
        fmt::format("a page has 1 to {} records, not {}", limits::history_page_max, query.limit),
        {}};
  range selected;
  selected.since = query.since;
  if (query.until)
    selected.before = position{*query.until, {}};
  if (!query.cursor)
    return selected;
  auto at = from_cursor(*query.cursor);
  if (!at)
    return std::move(at).error();
  if (!selected.before || *at < *selected.before)
    selected.before = *std::move(at);
  return selected;
}

} // namespace

result<range> range_of(const history_query& query) {
  return range_of_query(query);
}

result<range> range_of(const audit_query& query) {
  if (query.cursor)
    if (auto at = from_cursor(*query.cursor); at && at->id.size() != schema::audit_number_bytes)
      return not_ours();
  return range_of_query(query);
}

bool selects(const audit_query& query, const audit_record& record) {
  return (!query.app || record.app == *query.app) && (!query.by || record.by == *query.by) &&
         (!query.action || record.action == *query.action) &&
         covers(query.seen, record.app, record.cluster);
}

bool selects(const history_query& query, const deployment& d) {
  return (!query.state || d.state == *query.state) &&
         (!query.operation || d.operation == *query.operation) &&
         (!query.by || d.by == *query.by) && (!query.version || d.version == query.version) &&
         (!query.commit_prefix || (d.git && d.git->sha.starts_with(*query.commit_prefix)));
}

std::size_t bytes_of(const event& x) {
  constexpr std::size_t little = 48; // field names, numbers, the time
  return little + std::visit([](const auto& body) { return bytes_of_body(body); }, x.body);
}

} // namespace pawl::paging
