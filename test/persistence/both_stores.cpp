#include "test/persistence/both_stores.hpp"

#include <boost/test/unit_test.hpp>

namespace pawl::test {

namespace {

bool same(const std::vector<journal_append>& a, const std::vector<journal_append>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.deployment == y.deployment && x.events == y.events;
  });
}

bool same(const receipt& a, const receipt& b) {
  return a.deployments == b.deployments && a.lane == b.lane && a.version == b.version &&
         same(a.journal, b.journal) && a.token == b.token && a.revoked_token == b.revoked_token &&
         a.freeze == b.freeze && a.lifted == b.lifted && a.audit_removed == b.audit_removed &&
         a.expired_tokens == b.expired_tokens && a.over_freezes == b.over_freezes &&
         a.configuration == b.configuration;
}

bool same(const audit_page& a, const audit_page& b) {
  return a.records == b.records && a.next_cursor == b.next_cursor;
}

bool same(const history_page& a, const history_page& b) {
  return a.deployments == b.deployments && a.next_cursor == b.next_cursor;
}

bool same(const journal_page& a, const journal_page& b) {
  return a.events == b.events && a.complete == b.complete && a.settled == b.settled;
}

template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}

template <class T>
result<T> compared(std::string_view call, result<T> disk, const result<T>& memory) {
  bool equal = disk.has_value() == memory.has_value();
  if (equal && disk)
    equal = same(*disk, *memory);
  else if (equal)
    equal =
        disk.error().code == memory.error().code && disk.error().details == memory.error().details;
  auto said = [](const result<T>& x) {
    return x ? std::string{"a value"}
             : std::string{to_string(x.error().code)} + ": " + x.error().message;
  };
  BOOST_REQUIRE_MESSAGE(equal, call << " differs: on disk " << said(disk) << ", in memory "
                                    << said(memory));
  return disk;
}

} // namespace

both_stores::both_stores(std::size_t history_scan_max) : memory_(history_scan_max) {
  options_.history_scan_max = history_scan_max;
  reopen();
}

void both_stores::reopen() {
  disk_.reset();
  auto opened = lmdb_store::open(directory_.path() / "store", options_);
  BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message));
  disk_ = *std::move(opened);
}

std::vector<result<receipt>> both_stores::commit(std::span<const change> changes) {
  auto disk = disk_->commit(changes);
  auto memory = memory_.commit(changes);
  BOOST_REQUIRE_EQUAL(disk.size(), changes.size());
  BOOST_REQUIRE_EQUAL(memory.size(), changes.size());
  for (std::size_t i = 0; i < disk.size(); ++i)
    disk[i] = compared("commit", std::move(disk[i]), memory[i]);
  return disk;
}

result<deployment> both_stores::find(std::string_view id) const {
  return compared("find", disk_->find(id), memory_.find(id));
}

result<std::string> both_stores::resolve(std::string_view id_prefix) const {
  return compared("resolve", disk_->resolve(id_prefix), memory_.resolve(id_prefix));
}

result<std::string> both_stores::resolve_seen(std::string_view id_prefix, const grant& seen) const {
  return compared("resolve_seen", disk_->resolve_seen(id_prefix, seen),
                  memory_.resolve_seen(id_prefix, seen));
}

result<std::optional<std::string>> both_stores::by_request(std::string_view request_id) const {
  return compared("by_request", disk_->by_request(request_id), memory_.by_request(request_id));
}

result<lane_record> both_stores::lane(const lane_key& key) const {
  return compared("lane", disk_->lane(key), memory_.lane(key));
}

result<std::vector<lane_record>>
both_stores::lanes(const std::optional<std::string>& app,
                   const std::optional<std::string>& cluster) const {
  return compared("lanes", disk_->lanes(app, cluster), memory_.lanes(app, cluster));
}

result<recovery_snapshot> both_stores::recovery_snapshot() const {
  return compared("recovery_snapshot", disk_->recovery_snapshot(), memory_.recovery_snapshot());
}

result<std::optional<lane_key>> both_stores::holder_of(std::string_view host) const {
  return compared("holder_of", disk_->holder_of(host), memory_.holder_of(host));
}

result<std::vector<deployment>> both_stores::unfinished(const std::optional<lane_key>& lane) const {
  return compared("unfinished", disk_->unfinished(lane), memory_.unfinished(lane));
}

result<history_page> both_stores::history(const history_query& query) const {
  return compared("history", disk_->history(query), memory_.history(query));
}

result<journal_page> both_stores::journal(std::string_view id, std::uint64_t from,
                                          std::size_t max_bytes) const {
  return compared("journal", disk_->journal(id, from, max_bytes),
                  memory_.journal(id, from, max_bytes));
}

result<std::vector<version_record>>
both_stores::versions(std::string_view app, std::size_t limit,
                      std::optional<version_number> before) const {
  return compared("versions", disk_->versions(app, limit, before),
                  memory_.versions(app, limit, before));
}

result<version_record> both_stores::version(std::string_view app, version_number number) const {
  return compared("version", disk_->version(app, number), memory_.version(app, number));
}

result<std::vector<token_record>> both_stores::tokens() const {
  return compared("tokens", disk_->tokens(), memory_.tokens());
}

result<configuration> both_stores::configuration(const lane_key& lane, config_number number) const {
  return compared("configuration", disk_->configuration(lane, number),
                  memory_.configuration(lane, number));
}

result<std::vector<freeze_record>> both_stores::freezes() const {
  return compared("freezes", disk_->freezes(), memory_.freezes());
}

result<audit_page> both_stores::audit(const audit_query& query) const {
  return compared("audit", disk_->audit(query), memory_.audit(query));
}

} // namespace pawl::test
