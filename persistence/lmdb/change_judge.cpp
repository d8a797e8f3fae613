#include "persistence/lmdb/change_judge.hpp"

#include "persistence/journal_budget.hpp"
#include "persistence/lmdb/record_reading.hpp"
#include "persistence/lmdb/record_walk.hpp"
#include "persistence/lmdb/stored.hpp"
#include "persistence/storable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pawl {

namespace {

using schema::database;

error lost_compare(std::string_view what, std::string_view name, std::uint64_t read,
                   std::uint64_t stored) {
  return {errc::invalid_transition,
          fmt::format("the {} {} was changed in between (revision {} was read, {} is stored): read "
                      "it again",
                      what, name, read, stored),
          {{std::string{what}, std::string{name}}}};
}

std::string lane_name(const lane_key& lane) {
  return fmt::format("{}/{}", lane.app, lane.cluster);
}

bool same_identity(const deployment& a, const records::deployment_head& b) {
  return a.app == b.app && a.cluster == b.cluster && a.created_at == b.created_at &&
         a.request_id == b.request_id;
}

class judge_of_change {
public:
  judge_of_change(const lmdb::transaction& in, const change& wanted) : in_(in), wanted_(wanted) {
    judged_.kept = {wanted.deployments, wanted.lane,  wanted.version,
                    wanted.journal,     wanted.token, wanted.revoked_token};
    judged_.kept.configuration = wanted.configuration; // its number is judged with the lane
    judged_.dropped_configurations = wanted.dropped_configurations;
  }

  result<judged_change> run() {
    if (auto good = check_storable(wanted_); !good)
      return std::move(good).error();
    using step = result<void> (judge_of_change::*)();
    for (step next : {&judge_of_change::judge_deployments, &judge_of_change::judge_lane,
                      &judge_of_change::judge_version, &judge_of_change::judge_journal,
                      &judge_of_change::judge_hosts, &judge_of_change::judge_tokens,
                      &judge_of_change::judge_freeze, &judge_of_change::judge_unfrozen,
                      &judge_of_change::judge_audit, &judge_of_change::judge_outdated})
      if (auto good = (this->*next)(); !good)
        return std::move(good).error();
    return std::move(judged_);
  }

private:
  result<void> judge_deployments() {
    for (auto& d : judged_.kept.deployments) {
      auto found = stored_before(d.id);
      if (!found)
        return std::move(found).error();
      const auto& stored = **found;
      if (auto good = judge_deployment(d, stored); !good)
        return good;
      judged_.deployments.push_back({!stored, stored && !is_settled(stored->state)});
      ++d.internals.revision;
    }
    return {};
  }

  using known_head = std::optional<records::deployment_head>;

  // The deployment as it was stored before this change; read once.
  result<const known_head*> stored_before(const std::string& id) {
    auto known = heads_.find(id);
    if (known == heads_.end()) {
      auto head = load_of<records::deployment_head>(in_, database::deployments, id);
      if (!head)
        return std::move(head).error();
      known = heads_.emplace(id, *std::move(head)).first;
    }
    return &known->second;
  }

  result<void> judge_deployment(const deployment& d, const known_head& stored) {
    auto revision = stored ? stored->revision : 0;
    if (d.internals.revision != revision)
      return lost_compare("deployment", d.id, d.internals.revision, revision);
    if (stored && !same_identity(d, *stored))
      return error{errc::invalid_argument,
                   fmt::format("the app, cluster, creation time and request id of deployment {} "
                               "never change",
                               d.id),
                   {{"deployment", d.id}}};
    return stored ? result<void>{} : judge_claim(d);
  }

  result<void> judge_claim(const deployment& d) {
    if (d.request_id.empty())
      return {};
    auto claim = load<records::request_claim>(in_, database::requests, d.request_id);
    if (!claim)
      return std::move(claim).error();
    auto holder = *claim ? (*claim)->deployment : claimed_before(d);
    if (holder.empty())
      return {};
    return error{errc::in_flight,
                 fmt::format("deployment {} was already made for request id {}: follow that one, "
                             "or ask with a new request id",
                             holder, d.request_id),
                 {{"deployment", holder}}};
  }

  // The id of a new deployment with the same request id that comes before this one in the change.
  std::string claimed_before(const deployment& d) const {
    for (const auto& other : wanted_.deployments) {
      if (other.id == d.id)
        break;
      if (other.internals.revision == 0 && other.request_id == d.request_id)
        return other.id;
    }
    return {};
  }

  result<void> judge_lane() {
    if (!judged_.kept.lane)
      return {};
    auto& lane = *judged_.kept.lane;
    auto stored = load<lane_record>(in_, database::lanes, schema::lane_key_of(lane.lane));
    if (!stored)
      return std::move(stored).error();
    auto known = *stored ? **std::move(stored) : lane_record{};
    if (lane.revision != known.revision)
      return lost_compare("lane", lane_name(lane.lane), lane.revision, known.revision);
    ++lane.revision;
    if (auto good = check_configs(wanted_, known.configs); !good)
      return good;
    return judge_time(lane, known);
  }

  // A lane is ordered by the times of its deployments.
  result<void> judge_time(const lane_record& lane, const lane_record& known) {
    bool later = lane.last_created >= known.last_created;
    for (std::size_t i = 0; i < judged_.deployments.size(); ++i) {
      const auto& d = judged_.kept.deployments[i];
      if (judged_.deployments[i].is_new && lane_of(d) == lane.lane)
        later = later && d.created_at > known.last_created && d.created_at <= lane.last_created;
    }
    if (later)
      return {};
    return error{errc::invalid_transition,
                 fmt::format("time would go back in lane {}: a new deployment must be later than "
                             "the lane's last one, and be counted in its last_created",
                             lane_name(lane.lane)),
                 {{"lane", lane_name(lane.lane)}}};
  }

  result<void> judge_version() {
    if (!judged_.kept.version)
      return {};
    auto& version = *judged_.kept.version;
    auto counter = load<records::version_counter>(in_, database::version_counters, version.app);
    if (!counter)
      return std::move(counter).error();
    version.number = version_number{*counter ? (*counter)->last.value + 1 : 1};
    if (version.number.value == 0)
      return error{errc::resource_exhausted,
                   fmt::format("app {} has no version numbers left", version.app),
                   {}};
    for (auto& d : judged_.kept.deployments)
      if (d.id == version.deployment)
        d.version = version.number;
    return {};
  }

  result<void> judge_journal() {
    for (std::size_t i = 0; i < judged_.kept.journal.size(); ++i) {
      auto& append = judged_.kept.journal[i];
      if (auto good = judge_appended_to(append.deployment); !good)
        return good;
      auto head = head_before(i);
      if (!head)
        return std::move(head).error();
      judged_.heads.emplace_back();
      if (!append.events.empty())
        judged_.heads.back() = appended(append.events, *head);
    }
    return {};
  }

  // Leaves out what the journal has no room for, and numbers the rest.
  static records::journal_head appended(std::vector<event>& events, records::journal_head head) {
    journal_budget budget{head.bytes, head.left_out};
    budget.apply_to(events);
    for (auto& one : events)
      one.seq = ++head.last;
    return {head.last, budget.bytes(), budget.left_out()};
  }

  result<void> judge_appended_to(const std::string& id) {
    auto found = stored_before(id);
    if (!found)
      return std::move(found).error();
    const auto& stored = **found;
    auto is_it = [&](const deployment& d) { return d.id == id; };
    if (!stored && std::none_of(wanted_.deployments.begin(), wanted_.deployments.end(), is_it))
      return error{errc::not_found,
                   fmt::format("there is no deployment {} whose journal could be written", id),
                   {{"deployment", id}}};
    if (stored && is_settled(stored->state))
      return error{errc::invalid_transition,
                   fmt::format("the journal of deployment {} is closed: it is {}", id,
                               to_string(stored->state)),
                   {{"deployment", id}}};
    return {};
  }

  // The head of the journal before the i-th append.
  result<records::journal_head> head_before(std::size_t i) {
    const auto& list = judged_.kept.journal;
    for (std::size_t earlier = i; earlier-- > 0;)
      if (list[earlier].deployment == list[i].deployment && judged_.heads[earlier])
        return *judged_.heads[earlier];
    auto head = load_of<records::journal_head>(in_, database::journal_heads, list[i].deployment);
    if (!head)
      return std::move(head).error();
    return head->value_or(records::journal_head{});
  }

  result<void> judge_hosts() {
    const auto& released = judged_.released_hosts = wanted_.released_hosts;
    for (const auto& claim : wanted_.hosts) {
      auto held = load<host_claim>(in_, database::hosts, claim.host);
      if (!held)
        return std::move(held).error();
      const bool is_free =
          !*held || std::find(released.begin(), released.end(), claim.host) != released.end();
      if (!is_free && (*held)->lane == claim.lane)
        continue;
      auto in_use = is_free ? result<bool>{false} : is_in_use((*held)->lane);
      if (!in_use)
        return std::move(in_use).error();
      if (*in_use)
        return host_is_taken(**held, claim.lane);
      judged_.claimed_hosts.push_back(claim);
    }
    return {};
  }

  result<void> judge_tokens() {
    for (const auto* token : {&judged_.kept.token, &judged_.kept.revoked_token}) {
      if (!*token)
        continue;
      auto stored = load<token_record>(in_, database::tokens, (*token)->name);
      if (!stored)
        return std::move(stored).error();
      const auto revision = *stored ? (*stored)->revision : 0;
      const bool is_same = !*stored || (*stored)->digest == (*token)->digest;
      if ((*token)->revision != revision || !is_same)
        return lost_compare("token", (*token)->name, (*token)->revision, revision);
    }
    if (!judged_.kept.token)
      return {};
    if (judged_.kept.token->revision == 0)
      if (auto room = judge_room_for_token(); !room)
        return room;
    ++judged_.kept.token->revision;
    return {};
  }

  result<void> judge_room_for_token() {
    std::size_t stored = 0;
    if (auto counted = each_entry(in_, database::tokens, [&](const lmdb::entry&) { ++stored; });
        !counted || stored < limits::tokens)
      return counted;
    auto& expired = judged_.kept.expired_tokens;
    auto read = each_record<token_record>(
        in_, database::tokens,
        [&](std::string_view, const token_record& token) {
          if (is_expired(token, judged_.kept.token->created_at))
            expired.push_back(token);
        },
        [](std::string_view, const error&) {}); // it cannot be known whether that one has expired
    if (!read)
      return read;
    return expired.empty() ? no_room_for_token() : result<void>{};
  }

  // Whether a deployment of the lane is active or unfinished.
  result<bool> is_in_use(const lane_key& lane) {
    auto record = load<lane_record>(in_, database::lanes, schema::lane_key_of(lane));
    if (!record)
      return std::move(record).error();
    if (*record && (*record)->active)
      return true;
    auto walk = in_.walk(database::unfinished);
    if (!walk)
      return std::move(walk).error();
    const auto prefix = schema::lane_prefix(lane);
    auto first = walk->at_or_after(prefix);
    if (!first)
      return std::move(first).error();
    return *first && (*first)->key.starts_with(prefix);
  }

  result<void> judge_freeze() {
    if (!wanted_.freeze)
      return {};
    auto known = list_freezes(in_);
    if (!known)
      return std::move(known).error();
    std::size_t others = 0;
    for (auto& one : *known) {
      if (scope_of(one) == scope_of(*wanted_.freeze))
        continue;
      if (is_over(one, wanted_.freeze->at))
        judged_.kept.over_freezes.push_back(std::move(one));
      else
        ++others;
    }
    if (others >= limits::freezes)
      return no_room_for_freeze();
    judged_.kept.freeze = wanted_.freeze;
    return {};
  }

  result<void> judge_unfrozen() {
    if (!wanted_.unfrozen)
      return {};
    auto known = list_freezes(in_);
    if (!known)
      return std::move(known).error();
    for (auto& one : *known)
      if (scope_of(one) == *wanted_.unfrozen)
        judged_.kept.lifted = std::move(one);
    return judged_.kept.lifted ? result<void>{} : not_frozen(*wanted_.unfrozen, *known);
  }

  // A number for each record, behind those that its millisecond has already.
  result<void> judge_audit() {
    if (wanted_.audit.empty())
      return {};
    auto walk = in_.walk(database::audit);
    if (!walk)
      return std::move(walk).error();
    std::map<timestamp, std::uint64_t> next;
    for (const auto& one : wanted_.audit) {
      auto number = next.find(one.at);
      if (number == next.end()) {
        auto last = walk->before(schema::audit_key(one.at + std::chrono::milliseconds{1}, 0));
        if (!last)
          return std::move(last).error();
        const auto place = *last ? schema::parse_place((*last)->key) : std::nullopt;
        const bool is_same = place && place->created_at == one.at;
        number = next.emplace(one.at, is_same ? schema::from_big_endian(place->id) + 1 : 0).first;
      }
      judged_.audit.emplace_back(schema::audit_key(one.at, number->second++), one);
    }
    return {};
  }

  result<void> judge_outdated() {
    if (!wanted_.audit_kept_since)
      return {};
    auto walk = in_.walk(database::audit);
    if (!walk)
      return std::move(walk).error();
    const auto end = schema::audit_key(*wanted_.audit_kept_since, 0);
    auto& outdated = judged_.outdated_audit;
    auto at = walk->at_or_after({});
    for (; at && *at && (*at)->key < end && outdated.size() < limits::audit_removed_at_once;
         at = walk->next())
      outdated.emplace_back((*at)->key);
    if (!at)
      return std::move(at).error();
    judged_.kept.audit_removed = outdated.size();
    return {};
  }

  const lmdb::transaction& in_;
  const change& wanted_;
  judged_change judged_;
  std::map<std::string_view, known_head> heads_; // by the ids in the change
};

} // namespace

result<judged_change> judge(const lmdb::transaction& in, const change& wanted) {
  return judge_of_change{in, wanted}.run();
}

} // namespace pawl
