#include "persistence/lmdb/verification.hpp"

#include "persistence/lmdb/audit_verification.hpp"
#include "persistence/lmdb/config_verification.hpp"
#include "persistence/lmdb/record_walk.hpp"
#include "persistence/lmdb/store_format.hpp"
#include "persistence/lmdb/stored.hpp"
#include "persistence/record_check.hpp"
#include "posix/directory_lock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pawl {

namespace {

using schema::database;

std::string name_of(database db, std::string_view key) {
  return fmt::format("{}/{}", schema::info(db).name, records::printable(db, key));
}

bool is_in(std::uint32_t format, database db) {
  return schema::info(db).since <= format;
}

class verifier {
public:
  verifier(const lmdb::transaction& in, std::uint32_t format,
           const std::function<void(const breach&)>& tell)
      : in_(in), format_(format), tell_(tell) {}

  result<verified_store> run() {
    using step = result<void> (verifier::*)();
    for (step next :
         {&verifier::walk_deployments, &verifier::walk_index<database::history>,
          &verifier::walk_index<database::unfinished>, &verifier::walk_lanes,
          &verifier::walk_versions, &verifier::walk_requests, &verifier::walk_journals,
          &verifier::walk_index<database::timelines>, &verifier::walk_index<database::ids>,
          &verifier::walk_hosts, &verifier::walk_tokens, &verifier::walk_audit,
          &verifier::walk_configurations})
      if (auto good = (this->*next)(); !good)
        return std::move(good).error();
    return std::move(counts_);
  }

private:
  // Facts about a lane, complete when all deployments were seen.
  struct lane_facts {
    std::vector<std::string> active;
    std::vector<std::string> in_flight;
    timestamp last_created = {};
  };

  void say(invariant which, std::string record, std::string problem) {
    tell_({which, std::move(record), std::move(problem)});
  }

  template <class T>
  result<void> each_record(database db,
                           const std::function<void(std::string_view, const T&)>& what) {
    return pawl::each_record<T>(in_, db, what, [&](std::string_view key, const error& why) {
      say(invariant::records_are_sound, name_of(db, key), why.message);
    });
  }

  // The record, if there is one and it verifies; one that does not is reported where its database
  // is walked.
  std::optional<deployment> sound_deployment(std::string_view id) {
    return sound<deployment>(database::deployments, schema::deployment_key(id));
  }

  template <class T>
  std::optional<T> sound(database db, std::string_view key) {
    auto found = load<T>(in_, db, key);
    return found ? *std::move(found) : std::nullopt;
  }

  // Also true for a record that does not verify.
  bool exists(database db, std::string_view key) {
    auto found = in_.get(db, key);
    return found && *found;
  }

  bool deployment_exists(std::string_view id) {
    return exists(database::deployments, schema::deployment_key(id));
  }

  result<void> walk_deployments() {
    return each_record<deployment>(
        database::deployments, [this](std::string_view key, const deployment& d) {
          ++counts_.deployments;
          auto name = name_of(database::deployments, key);
          if (schema::deployment_key(d.id) != key)
            return say(invariant::records_are_sound, name, "it is of deployment " + d.id);
          if (auto problem = problem_of(d); !problem.empty())
            say(invariant::only_legal_moves, name, problem);
          note_lane(d);
          if (!is_final(d.state))
            counts_.going_on.push_back(d);
          check_indexes(name, d);
          check_version(name, d);
          check_journal(name, d);
        });
  }

  void note_lane(const deployment& d) {
    auto& lane = lanes_[schema::lane_key_of(lane_of(d))];
    if (d.state == state::active)
      lane.active.push_back(d.id);
    if (is_in_flight(d.state))
      lane.in_flight.push_back(d.id);
    lane.last_created = std::max(lane.last_created, d.created_at);
  }

  void check_indexes(const std::string& name, const deployment& d) {
    if (!exists(database::history, schema::index_key(database::history, d)))
      say(invariant::history_is_whole, name, "the history does not list it");
    if (is_in(format_, database::timelines) &&
        !exists(database::timelines, schema::index_key(database::timelines, d)))
      say(invariant::history_is_whole, name, "the timeline of its cluster does not list it");
    if (is_in(format_, database::ids) &&
        !exists(database::ids, schema::index_key(database::ids, d)))
      say(invariant::history_is_whole, name, "the beginning of its id does not lead to it");
    if (exists(database::unfinished, schema::index_key(database::unfinished, d)) ==
        is_settled(d.state))
      say(invariant::all_goes_on, name,
          fmt::format("it is {}, and {} among the unfinished", to_string(d.state),
                      is_settled(d.state) ? "still" : "not"));
    if (d.request_id.empty())
      return;
    auto claim = sound<records::request_claim>(database::requests, d.request_id);
    if (!claim || claim->deployment != d.id)
      say(invariant::one_request_one_deployment, name,
          fmt::format("its request {} leads {}", d.request_id,
                      claim ? "to deployment " + claim->deployment : "nowhere"));
  }

  void check_version(const std::string& name, const deployment& d) {
    if (!d.version)
      return;
    auto key = schema::version_key(d.app, *d.version);
    if (!exists(database::versions, key))
      say(invariant::history_is_whole, name,
          fmt::format("there is no version {} of {}", to_string(*d.version), d.app));
  }

  // Numbers from 1 to the last without a gap, and the states of the record.
  void check_journal(const std::string& name, const deployment& d) {
    auto walk = in_.walk(database::journals);
    if (!walk)
      return;
    std::uint64_t last = 0;
    std::vector<state> told;
    auto prefix = schema::journal_prefix(d.id);
    auto at = walk->at_or_after(prefix);
    for (; at && *at && (*at)->key.starts_with(prefix); at = walk->next()) {
      auto batch = records::decode<records::journal_batch>((*at)->key, (*at)->value);
      if (!batch)
        return; // told where the journals are walked
      if ((*at)->key != schema::journal_key(d.id, last + 1))
        return say(invariant::only_legal_moves, name,
                   fmt::format("its journal does not go on with event {}", last + 1));
      for (const auto& event : batch->events) {
        if (event.seq != ++last)
          return say(invariant::only_legal_moves, name,
                     fmt::format("its journal has event {} where {} belongs", event.seq, last));
        if (const auto* moved = std::get_if<state_event>(&event.body))
          told.push_back(moved->state);
      }
    }
    counts_.events += last;
    auto head = sound<records::journal_head>(database::journal_heads, schema::deployment_key(d.id));
    if (last > 0 && (!head || head->last != last))
      say(invariant::only_legal_moves, name,
          fmt::format("its journal ends with event {}, and is said to end with {}", last,
                      head ? head->last : 0));
    if (told != journaled_states(d))
      say(invariant::only_legal_moves, name, "its journal tells of other states than the record");
  }

  template <database Index>
  result<void> walk_index() {
    if (!is_in(format_, Index))
      return {};
    return each_entry(in_, Index, [this](const lmdb::entry& entry) {
      auto id = schema::indexed_id(Index, entry.key);
      if (!id)
        return say(invariant::records_are_sound, name_of(Index, entry.key), "it is no key");
      if (!deployment_exists(*id))
        return say(invariant::history_is_whole, name_of(Index, entry.key),
                   fmt::format("it names deployment {}, which is gone", *id));
      auto d = sound_deployment(*id);
      if (d && schema::index_key(Index, *d) != entry.key)
        say(invariant::history_is_whole, name_of(Index, entry.key),
            fmt::format("deployment {} is of another lane or time", *id));
    });
  }

  result<void> walk_lanes() {
    auto walked = each_record<lane_record>(
        database::lanes, [this](std::string_view key, const lane_record& lane) {
          ++counts_.lanes;
          check_lane(name_of(database::lanes, key), lane, lanes_[std::string{key}]);
        });
    for (const auto& [key, facts] : lanes_)
      if (!exists(database::lanes, key))
        say(invariant::history_is_whole, name_of(database::lanes, key),
            "it has deployments, and no record");
    return walked;
  }

  void check_lane(const std::string& name, const lane_record& lane, const lane_facts& facts) {
    for (const auto& id : facts.active)
      if (lane.active != id)
        say(invariant::one_active_and_one_in_flight, name,
            fmt::format("deployment {} is active, and the lane's is {}", id,
                        lane.active.value_or("none")));
    auto d = lane.active ? sound_deployment(*lane.active) : std::nullopt;
    if (lane.active && !deployment_exists(*lane.active))
      say(invariant::one_active_and_one_in_flight, name,
          fmt::format("deployment {}, which serves, is gone", *lane.active));
    if (d && d->state != state::active)
      say(invariant::one_active_and_one_in_flight, name,
          fmt::format("deployment {} is to serve, and is {}", d->id, to_string(d->state)));
    if (facts.in_flight.size() > 1)
      say(invariant::one_active_and_one_in_flight, name,
          fmt::format("{} deployments are in flight", facts.in_flight.size()));
    if (facts.last_created > lane.last_created)
      say(invariant::order_of_time, name, "it has a deployment that is younger than its last one");
  }

  result<void> walk_versions() {
    std::map<std::string, std::uint32_t> last;
    auto walked = each_record<version_record>(
        database::versions, [&](std::string_view key, const version_record& version) {
          ++counts_.versions;
          auto name = name_of(database::versions, key);
          if (key != schema::version_key(version.app, version.number))
            say(invariant::records_are_sound, name, "it is another version");
          auto& newest = last[version.app];
          newest = std::max(newest, version.number.value);
          auto maker = sound_deployment(version.deployment);
          if (!deployment_exists(version.deployment))
            say(invariant::history_is_whole, name,
                fmt::format("deployment {}, which made it, is gone", version.deployment));
          else if (maker && maker->version != version.number)
            say(invariant::history_is_whole, name,
                fmt::format("deployment {} made another version", version.deployment));
        });
    for (const auto& [app, newest] : last) {
      auto counter = sound<records::version_counter>(database::version_counters, app);
      if (!counter || counter->last.value < newest)
        say(invariant::history_is_whole, name_of(database::version_counters, app),
            fmt::format("v{} was given, and would be given again", newest));
    }
    return walked;
  }

  result<void> walk_requests() {
    return each_record<records::request_claim>(
        database::requests, [this](std::string_view key, const records::request_claim& claim) {
          if (!deployment_exists(claim.deployment))
            say(invariant::one_request_one_deployment, name_of(database::requests, key),
                fmt::format("it leads to deployment {}, which is gone", claim.deployment));
        });
  }

  result<void> walk_hosts() {
    if (!is_in(format_, database::hosts))
      return {};
    return each_record<host_claim>(
        database::hosts, [this](std::string_view key, const host_claim& claim) {
          const auto name = name_of(database::hosts, key);
          if (claim.host != key)
            say(invariant::records_are_sound, name, "it is another name");
          if (!exists(database::lanes, schema::lane_key_of(claim.lane)))
            say(invariant::history_is_whole, name,
                fmt::format("its lane {}/{} is gone", claim.lane.app, claim.lane.cluster));
        });
  }

  result<void> walk_tokens() {
    if (!is_in(format_, database::tokens))
      return {};
    return each_record<token_record>(
        database::tokens, [this](std::string_view key, const token_record& token) {
          if (token.name != key || !is_digest(token.digest) || !check_grant(token.grant))
            say(invariant::records_are_sound, name_of(database::tokens, key),
                "it is another token, or none that can be used");
        });
  }

  result<void> walk_audit() {
    if (!is_in(format_, database::audit))
      return {};
    return verify_audit(in_, [this](database db, std::string_view key, const std::string& problem) {
      say(invariant::records_are_sound, name_of(db, key), problem);
    });
  }

  result<void> walk_configurations() {
    if (!is_in(format_, database::configurations))
      return {};
    return verify_configurations(
        in_, [this](database db, std::string_view key, const std::string& problem) {
          say(invariant::records_are_sound, name_of(db, key), problem);
        });
  }

  result<void> walk_journals() {
    auto batches = each_record<records::journal_batch>(
        database::journals, [this](std::string_view key, const records::journal_batch&) {
          check_owner(database::journals, key);
        });
    if (!batches)
      return batches;
    auto heads = each_record<records::journal_head>(
        database::journal_heads, [this](std::string_view key, const records::journal_head& head) {
          check_owner(database::journal_heads, key);
          if (head.last > 0 &&
              !exists(database::journals, schema::journal_key(schema::owner_of(key), 1)))
            say(invariant::only_legal_moves, name_of(database::journal_heads, key),
                "its journal has no event 1");
        });
    if (!heads)
      return heads;
    return each_record<records::version_counter>(
        database::version_counters, [](std::string_view, const records::version_counter&) {});
  }

  void check_owner(database db, std::string_view key) {
    const auto id = schema::owner_of(key);
    if (!deployment_exists(id))
      say(invariant::history_is_whole, name_of(db, key),
          fmt::format("its deployment {} is gone", id));
  }

  const lmdb::transaction& in_;
  std::uint32_t format_; // of the store
  const std::function<void(const breach&)>& tell_;
  verified_store counts_;
  std::map<std::string, lane_facts> lanes_; // by key
};

result<void> open_databases(lmdb::transaction& reading, std::uint32_t format,
                            const std::filesystem::path& directory) {
  for (const auto& row : schema::database_table) {
    if (!is_in(format, row.number))
      continue;
    auto there = reading.open(row.number, false);
    if (!there)
      return std::move(there).error();
    if (!*there)
      return error{errc::not_found,
                   fmt::format("there is no store of Pawl in {}: it has no table {}",
                               directory.native(), row.name),
                   {{"directory", directory.native()}}};
  }
  return {};
}

} // namespace

result<verified_store> verify_store(const std::filesystem::path& directory,
                                    const std::function<void(const breach&)>& tell) {
  std::error_code unreadable;
  if (!std::filesystem::exists(directory / "data.mdb", unreadable))
    return error{
        errc::not_found,
        fmt::format("there is no store in {}: name a server's data directory", directory.native()),
        {{"directory", directory.native()}}};
  auto lock = directory_lock::find(directory);
  if (!lock)
    return std::move(lock).error();
  auto environment = lmdb::environment::open(directory, {.access = lmdb::access::reader_alone});
  if (!environment)
    return std::move(environment).error();
  auto format = stored_format(**environment, directory);
  if (!format)
    return std::move(format).error();
  auto reading = (*environment)->read();
  if (!reading)
    return std::move(reading).error();
  // A file without a format has no tables either: the next call reports it.
  const auto known = format->value_or(schema::format);
  if (auto opened = open_databases(*reading, known, directory); !opened)
    return std::move(opened).error();
  return verifier{*reading, known, tell}.run();
}

} // namespace pawl
