#include "test/support/memory_store.hpp"

#include "persistence/paging.hpp"
#include "persistence/storable.hpp"

#include <algorithm>

namespace pawl::test {

namespace {

error refuse(errc code, std::string_view key = {}, std::string value = {}) {
  error why{code, "refused by the memory store", {}};
  if (!key.empty())
    why.details.emplace(key, std::move(value));
  return why;
}

std::string name(const lane_key& lane) {
  return lane.app + "/" + lane.cluster;
}

} // namespace

void memory_store::fail_next_commit(error why) {
  std::scoped_lock lock{mutex_};
  next_failure_ = std::move(why);
}

std::vector<result<receipt>> memory_store::commit(std::span<const change> changes) {
  std::scoped_lock lock{mutex_};
  if (auto failure = std::exchange(next_failure_, std::nullopt))
    return {changes.size(), *failure};
  std::vector<result<receipt>> results;
  for (const auto& wanted : changes)
    results.push_back(apply(wanted));
  return results;
}

result<void> memory_store::judge(const change& wanted) const {
  if (auto good = check_storable(wanted); !good)
    return good;
  std::map<std::string, std::string> claimed;
  for (const auto& d : wanted.deployments) {
    auto known = now_.deployments.find(d.id);
    bool is_new = known == now_.deployments.end();
    if (d.internals.revision != (is_new ? 0 : known->second.internals.revision))
      return refuse(errc::invalid_transition, "deployment", d.id);
    if (!is_new) {
      const auto& old = known->second;
      if (lane_of(old) != lane_of(d) || old.created_at != d.created_at ||
          old.request_id != d.request_id)
        return refuse(errc::invalid_argument, "deployment", d.id);
      continue;
    }
    if (d.request_id.empty())
      continue;
    if (auto other = now_.requests.find(d.request_id); other != now_.requests.end())
      return refuse(errc::in_flight, "deployment", other->second);
    if (auto [other, first] = claimed.emplace(d.request_id, d.id); !first)
      return refuse(errc::in_flight, "deployment", other->second);
  }
  if (auto good = judge_lane(wanted); !good)
    return good;
  if (auto good = judge_journal(wanted); !good)
    return good;
  if (auto good = judge_tokens(wanted); !good)
    return good;
  if (auto good = now_.freezes.judge(wanted); !good)
    return good;
  return judge_hosts(wanted);
}

result<void> memory_store::judge_tokens(const change& wanted) const {
  for (const auto* token : {&wanted.token, &wanted.revoked_token}) {
    if (!*token)
      continue;
    auto known = now_.tokens.find((*token)->name);
    bool is_new = known == now_.tokens.end();
    if ((*token)->revision != (is_new ? 0 : known->second.revision) ||
        (!is_new && known->second.digest != (*token)->digest))
      return refuse(errc::invalid_transition, "token", (*token)->name);
  }
  if (wanted.token && needs_room(*wanted.token) && expired_at(wanted.token->created_at).empty())
    return refuse(errc::resource_exhausted);
  return {};
}

bool memory_store::needs_room(const token_record& next) const {
  return next.revision == 0 && now_.tokens.size() >= limits::tokens;
}

std::vector<token_record> memory_store::expired_at(timestamp time) const {
  std::vector<token_record> expired;
  for (const auto& [name, token] : now_.tokens)
    if (is_expired(token, time))
      expired.push_back(token);
  return expired;
}

result<void> memory_store::judge_hosts(const change& wanted) const {
  for (const auto& claim : wanted.hosts) {
    auto held = now_.hosts.find(claim.host);
    bool released = std::find(wanted.released_hosts.begin(), wanted.released_hosts.end(),
                              claim.host) != wanted.released_hosts.end();
    if (held != now_.hosts.end() && !released && held->second != claim.lane &&
        is_in_use(held->second))
      return host_is_taken({claim.host, held->second}, claim.lane);
  }
  return {};
}

bool memory_store::is_in_use(const lane_key& lane) const {
  auto known = now_.lanes.find(lane);
  return (known != now_.lanes.end() && known->second.active) ||
         std::any_of(now_.deployments.begin(), now_.deployments.end(), [&](const auto& entry) {
           return lane_of(entry.second) == lane && !is_settled(entry.second.state);
         });
}

result<void> memory_store::judge_lane(const change& wanted) const {
  if (!wanted.lane)
    return {};
  auto known = now_.lanes.find(wanted.lane->lane);
  auto old = known == now_.lanes.end() ? lane_record{} : known->second;
  if (wanted.lane->revision != old.revision)
    return refuse(errc::invalid_transition, "lane", name(wanted.lane->lane));
  if (auto good = check_configs(wanted, old.configs); !good)
    return good;
  bool later = wanted.lane->last_created >= old.last_created;
  for (const auto& d : wanted.deployments)
    if (d.internals.revision == 0 && lane_of(d) == wanted.lane->lane)
      later = later && d.created_at > old.last_created && d.created_at <= wanted.lane->last_created;
  if (later)
    return {};
  return refuse(errc::invalid_transition, "lane", name(wanted.lane->lane));
}

result<void> memory_store::judge_journal(const change& wanted) const {
  for (const auto& append : wanted.journal) {
    auto known = now_.deployments.find(append.deployment);
    if (known != now_.deployments.end()) {
      if (is_settled(known->second.state))
        return refuse(errc::invalid_transition, "deployment", append.deployment);
      continue;
    }
    if (std::none_of(wanted.deployments.begin(), wanted.deployments.end(),
                     [&](const auto& d) { return d.id == append.deployment; }))
      return refuse(errc::not_found, "deployment", append.deployment);
  }
  return {};
}

result<receipt> memory_store::apply(const change& wanted) {
  if (auto good = judge(wanted); !good)
    return std::move(good).error();
  receipt kept{wanted.deployments, wanted.lane,  wanted.version,
               wanted.journal,     wanted.token, wanted.revoked_token};
  if (kept.version) {
    auto& versions = now_.versions[kept.version->app];
    kept.version->number.value = versions.empty() ? 1 : versions.rbegin()->first.value + 1;
    versions.emplace(kept.version->number, *kept.version);
  }
  for (auto& d : kept.deployments) {
    ++d.internals.revision;
    if (kept.version && kept.version->deployment == d.id)
      d.version = kept.version->number;
    if (!d.request_id.empty())
      now_.requests.emplace(d.request_id, d.id);
    now_.deployments.insert_or_assign(d.id, d);
  }
  if (kept.lane) {
    ++kept.lane->revision;
    now_.lanes.insert_or_assign(kept.lane->lane, *kept.lane);
  }
  for (auto& append : kept.journal) {
    auto& journal = now_.journals[append.deployment];
    now_.budgets.try_emplace(append.deployment, 0, 0).first->second.apply_to(append.events);
    for (auto& event : append.events) {
      event.seq = journal.size() + 1;
      journal.push_back(event);
    }
  }
  for (const auto& host : wanted.released_hosts)
    now_.hosts.erase(host);
  for (const auto& claim : wanted.hosts)
    now_.hosts[claim.host] = claim.lane;
  if (kept.revoked_token)
    now_.tokens.erase(kept.revoked_token->name);
  if (kept.token) {
    if (needs_room(*kept.token))
      kept.expired_tokens = expired_at(kept.token->created_at);
    for (const auto& expired : kept.expired_tokens)
      now_.tokens.erase(expired.name);
    ++kept.token->revision;
    now_.tokens.insert_or_assign(kept.token->name, *kept.token);
  }
  now_.freezes.apply(wanted, kept);
  now_.audit.apply(wanted, kept);
  now_.configurations.apply(wanted, kept);
  return kept;
}

// --- reading

result<std::optional<lane_key>> memory_store::holder_of(std::string_view host) const {
  std::scoped_lock lock{mutex_};
  auto found = now_.hosts.find(host);
  return found == now_.hosts.end() ? std::nullopt : std::optional{found->second};
}

result<deployment> memory_store::find(std::string_view id) const {
  std::scoped_lock lock{mutex_};
  auto found = now_.deployments.find(id);
  if (found == now_.deployments.end())
    return refuse(errc::not_found, "deployment", std::string{id});
  return found->second;
}

result<std::string> memory_store::resolve(std::string_view id_prefix) const {
  return resolve_seen(id_prefix, {});
}

result<std::string> memory_store::resolve_seen(std::string_view id_prefix,
                                               const grant& seen) const {
  constexpr std::size_t candidates_max = 10;
  std::scoped_lock lock{mutex_};
  if (id_prefix.empty())
    return refuse(errc::invalid_argument);
  auto exact = now_.deployments.find(id_prefix);
  if (exact != now_.deployments.end() && covers(seen, exact->second.app, exact->second.cluster))
    return std::string{id_prefix};
  std::vector<std::string> found;
  for (const auto& [id, d] : now_.deployments)
    if (id.starts_with(id_prefix) && found.size() < candidates_max &&
        covers(seen, d.app, d.cluster))
      found.push_back(id);
  if (found.empty())
    return refuse(errc::not_found, "deployment", std::string{id_prefix});
  if (found.size() == 1)
    return found.front();
  std::string list = found.front();
  for (std::size_t i = 1; i < found.size(); ++i)
    list += "," + found[i];
  return refuse(errc::invalid_argument, "candidates", list);
}

result<std::optional<std::string>> memory_store::by_request(std::string_view request_id) const {
  std::scoped_lock lock{mutex_};
  auto found = now_.requests.find(request_id);
  return found == now_.requests.end() ? std::nullopt : std::optional{found->second};
}

result<lane_record> memory_store::lane(const lane_key& key) const {
  std::scoped_lock lock{mutex_};
  auto found = now_.lanes.find(key);
  return found == now_.lanes.end() ? lane_record{.lane = key} : found->second;
}

result<std::vector<lane_record>>
memory_store::lanes(const std::optional<std::string>& app,
                    const std::optional<std::string>& cluster) const {
  std::scoped_lock lock{mutex_};
  std::vector<lane_record> found;
  for (const auto& [key, lane] : now_.lanes)
    if ((!app || key.app == *app) && (!cluster || key.cluster == *cluster))
      found.push_back(lane);
  return found;
}

result<std::vector<deployment>>
memory_store::unfinished(const std::optional<lane_key>& lane) const {
  std::scoped_lock lock{mutex_};
  std::vector<deployment> found;
  for (const auto& [id, d] : now_.deployments)
    if ((d.state == state::queued || is_in_flight(d.state)) && (!lane || lane_of(d) == *lane))
      found.push_back(d);
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.created_at < b.created_at; });
  return found;
}

result<history_page> memory_store::history(const history_query& query) const {
  auto range = paging::range_of(query);
  if (!range)
    return std::move(range).error();
  std::scoped_lock lock{mutex_};
  std::map<paging::position, const deployment*> inside;
  for (const auto& [id, d] : now_.deployments) {
    paging::position at{d.created_at, id};
    if ((!query.app || d.app == *query.app) && (!query.cluster || d.cluster == *query.cluster) &&
        covers(query.seen, d.app, d.cluster) && (!range->before || at < *range->before) &&
        (!range->since || at.at >= *range->since))
      inside.emplace(at, &d);
  }
  history_page page;
  std::size_t seen = 0;
  for (auto newest = inside.rbegin(); newest != inside.rend(); ++newest, ++seen) {
    if (page.deployments.size() == query.limit || seen == history_scan_max_) {
      page.next_cursor = paging::to_cursor(std::prev(newest)->first);
      break;
    }
    if (paging::selects(query, *newest->second))
      page.deployments.push_back(*newest->second);
  }
  return page;
}

result<journal_page> memory_store::journal(std::string_view id, std::uint64_t from,
                                           std::size_t max_bytes) const {
  std::scoped_lock lock{mutex_};
  auto owner = now_.deployments.find(id);
  if (owner == now_.deployments.end())
    return refuse(errc::not_found, "deployment", std::string{id});
  journal_page page{.events = {}, .complete = true, .settled = false};
  if (auto journal = now_.journals.find(id); journal != now_.journals.end()) {
    for (const auto& event : journal->second) {
      if (event.seq < from)
        continue;
      const auto packed = protocol::pack_event(event);
      if (!page.events.empty() && (page.events.bytes().size() + packed.size() > max_bytes ||
                                   page.events.size() == limits::journal_page_events)) {
        page.complete = false;
        break;
      }
      page.events.append(event.seq, packed);
    }
  }
  page.settled = page.complete && is_settled(owner->second.state);
  return page;
}

result<std::vector<version_record>>
memory_store::versions(std::string_view app, std::size_t limit,
                       std::optional<version_number> before) const {
  std::scoped_lock lock{mutex_};
  std::vector<version_record> found;
  auto known = now_.versions.find(app);
  if (known == now_.versions.end())
    return found;
  for (auto newest = known->second.rbegin(); newest != known->second.rend() && found.size() < limit;
       ++newest)
    if (!before || newest->first < *before)
      found.push_back(newest->second);
  return found;
}

result<version_record> memory_store::version(std::string_view app, version_number number) const {
  std::scoped_lock lock{mutex_};
  if (auto known = now_.versions.find(app); known != now_.versions.end())
    if (auto found = known->second.find(number); found != known->second.end())
      return found->second;
  error why = refuse(errc::not_found, "app", std::string{app});
  why.details.emplace("version", to_string(number));
  return why;
}

result<std::vector<token_record>> memory_store::tokens() const {
  std::scoped_lock lock{mutex_};
  std::vector<token_record> found;
  for (const auto& [name, token] : now_.tokens)
    found.push_back(token);
  return found;
}

result<std::vector<freeze_record>> memory_store::freezes() const {
  std::scoped_lock lock{mutex_};
  return now_.freezes.all();
}

result<configuration> memory_store::configuration(const lane_key& lane,
                                                  config_number number) const {
  std::scoped_lock lock{mutex_};
  return now_.configurations.find(lane, number);
}

result<audit_page> memory_store::audit(const audit_query& query) const {
  std::scoped_lock lock{mutex_};
  return now_.audit.page(query, history_scan_max_);
}

void memory_store::damage(const lane_key& lane, error why) {
  std::scoped_lock lock{mutex_};
  damaged_[lane] = std::move(why);
}

result<recovery_snapshot> memory_store::recovery_snapshot() const {
  pawl::recovery_snapshot found;
  found.lanes = *lanes({}, {});
  found.unfinished = *unfinished({});
  std::scoped_lock lock{mutex_};
  for (const auto& [host, lane] : now_.hosts)
    found.hosts.push_back({host, lane});
  found.damaged = damaged_;
  std::erase_if(found.unfinished,
                [&](const deployment& d) { return damaged_.contains(lane_of(d)); });
  return found;
}

} // namespace pawl::test
