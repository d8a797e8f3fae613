#include "persistence/verification.hpp"

#include "persistence/directory_lock.hpp"
#include "persistence/store_format.hpp"
#include "persistence/stored.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pawl {

namespace {

using schema::database;

std::string name_of(database db, std::string_view key) {
  return fmt::format("{}/{}", schema::info(db).name, records::printable(key));
}

// The states that its journal tells of; what follows `active` is told by the journal of the
// deployment that took its place.
std::vector<state> told_states(const deployment& d) {
  std::vector<state> told;
  for (const auto& step : d.transitions) {
    told.push_back(step.state);
    if (is_settled(step.state))
      break;
  }
  return told;
}

// What is wrong with a record by itself; empty: nothing.
std::string unlawful(const deployment& d) {
  const auto& steps = d.transitions;
  if (steps.empty() || !may_begin(d.operation, steps.front().state))
    return "it begins in no state that it may begin in";
  for (std::size_t i = 1; i < steps.size(); ++i) {
    if (!transition(steps[i - 1].state, steps[i].state))
      return fmt::format("it went from {} to {}, which nothing may", to_string(steps[i - 1].state),
                         to_string(steps[i].state));
    if (steps[i].at < steps[i - 1].at)
      return "its transitions go back in time";
  }
  if (steps.back().state != d.state)
    return fmt::format("it is {}, but its last transition is to {}", to_string(d.state),
                       to_string(steps.back().state));
  if (is_settled(d.state) != d.finished_at.has_value())
    return d.finished_at ? "it has an end, and goes on" : "it has ended, at no time";
  bool ended_badly = is_final(d.state) && !was_active(d.state);
  if (ended_badly != d.error.has_value())
    return d.error ? "it has an error, and has not ended by one" : "it has ended without a reason";
  bool released = std::any_of(steps.begin(), steps.end(), [](const transition_entry& step) {
    return needs_version(step.state);
  });
  if (released && !(d.version && d.internals.settings && d.internals.artifact))
    return "it was released without a version";
  return {};
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
         {&verifier::walk_deployments, &verifier::walk_history, &verifier::walk_unfinished,
          &verifier::walk_lanes, &verifier::walk_versions, &verifier::walk_requests,
          &verifier::walk_journals, &verifier::walk_timelines})
      if (auto good = (this->*next)(); !good)
        return std::move(good).error();
    return std::move(counts_);
  }

private:
  // What is known of a lane when all deployments were seen.
  struct lane_facts {
    std::vector<std::string> active;
    std::vector<std::string> in_flight;
    timestamp last_created = {};
  };

  void say(invariant which, std::string record, std::string problem) {
    tell_({which, std::move(record), std::move(problem)});
  }

  // Each entry of a database; a record that does not verify is told, and left out.
  result<void> each(database db, const std::function<void(const lmdb::entry&)>& what) {
    auto walk = in_.walk(db);
    if (!walk)
      return std::move(walk).error();
    auto at = walk->at_or_after({});
    for (; at && *at; at = walk->next())
      what(**at);
    return at ? result<void>{} : std::move(at).error();
  }

  template <class T>
  result<void> each_record(database db,
                           const std::function<void(std::string_view, const T&)>& what) {
    return each(db, [&](const lmdb::entry& entry) {
      if (auto value = records::decode<T>(entry.key, entry.value))
        what(entry.key, *value);
      else
        say(invariant::records_are_sound, name_of(db, entry.key), value.error().message);
    });
  }

  // The record, if there is one and it verifies: that it does not is told where its database is
  // walked.
  template <class T>
  std::optional<T> sound(database db, std::string_view key) {
    auto found = load<T>(in_, db, key);
    return found ? *std::move(found) : std::nullopt;
  }

  // Also of a record that does not verify.
  bool exists(database db, std::string_view key) {
    auto found = in_.get(db, key);
    return found && *found;
  }

  result<void> walk_deployments() {
    return each_record<deployment>(
        database::deployments, [this](std::string_view key, const deployment& d) {
          ++counts_.deployments;
          auto name = name_of(database::deployments, key);
          if (d.id != key)
            return say(invariant::records_are_sound, name, "it is of deployment " + d.id);
          if (auto problem = unlawful(d); !problem.empty())
            say(invariant::lawful_life, name, problem);
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
    auto prefix = schema::terminated(d.id);
    auto at = walk->at_or_after(prefix);
    for (; at && *at && (*at)->key.starts_with(prefix); at = walk->next()) {
      auto batch = records::decode<records::journal_batch>((*at)->key, (*at)->value);
      if (!batch)
        return; // told where the journals are walked
      if ((*at)->key != schema::journal_key(d.id, last + 1))
        return say(invariant::lawful_life, name,
                   fmt::format("its journal does not go on with event {}", last + 1));
      for (const auto& event : batch->events) {
        if (event.seq != ++last)
          return say(invariant::lawful_life, name,
                     fmt::format("its journal has event {} where {} belongs", event.seq, last));
        if (const auto* moved = std::get_if<state_event>(&event.body))
          told.push_back(moved->state);
      }
    }
    counts_.events += last;
    auto head = sound<records::journal_head>(database::journal_heads, d.id);
    if (last > 0 && (!head || head->last != last))
      say(invariant::lawful_life, name,
          fmt::format("its journal ends with event {}, and is said to end with {}", last,
                      head ? head->last : 0));
    if (told != told_states(d))
      say(invariant::lawful_life, name, "its journal tells of other states than the record");
  }

  result<void> walk_history() { return walk_index(database::history); }
  result<void> walk_unfinished() { return walk_index(database::unfinished); }
  result<void> walk_timelines() {
    return is_in(format_, database::timelines) ? walk_index(database::timelines) : result<void>{};
  }

  result<void> walk_index(database db) {
    return each(db, [this, db](const lmdb::entry& entry) {
      auto id = schema::indexed_id(db, entry.key);
      if (!id)
        return say(invariant::records_are_sound, name_of(db, entry.key), "it is no key");
      if (!exists(database::deployments, *id))
        return say(invariant::history_is_whole, name_of(db, entry.key),
                   fmt::format("it names deployment {}, which is gone", *id));
      auto d = sound<deployment>(database::deployments, *id);
      if (d && schema::index_key(db, *d) != entry.key)
        say(invariant::history_is_whole, name_of(db, entry.key),
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
    auto d = lane.active ? sound<deployment>(database::deployments, *lane.active) : std::nullopt;
    if (lane.active && !exists(database::deployments, *lane.active))
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
          auto maker = sound<deployment>(database::deployments, version.deployment);
          if (!exists(database::deployments, version.deployment))
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
          if (!exists(database::deployments, claim.deployment))
            say(invariant::one_request_one_deployment, name_of(database::requests, key),
                fmt::format("it leads to deployment {}, which is gone", claim.deployment));
        });
  }

  result<void> walk_journals() {
    auto batches = each_record<records::journal_batch>(
        database::journals, [this](std::string_view key, const records::journal_batch&) {
          check_owner(database::journals, key, key.substr(0, key.find('\0')));
        });
    if (!batches)
      return batches;
    auto heads = each_record<records::journal_head>(
        database::journal_heads, [this](std::string_view key, const records::journal_head& head) {
          check_owner(database::journal_heads, key, key);
          if (head.last > 0 && !exists(database::journals, schema::journal_key(key, 1)))
            say(invariant::lawful_life, name_of(database::journal_heads, key),
                "its journal has no event 1");
        });
    if (!heads)
      return heads;
    return each_record<records::version_counter>(
        database::version_counters, [](std::string_view, const records::version_counter&) {});
  }

  void check_owner(database db, std::string_view key, std::string_view id) {
    if (!exists(database::deployments, id))
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
  // Of a file that has no format, no table is there either.
  const auto known = format->value_or(schema::format);
  if (auto opened = open_databases(*reading, known, directory); !opened)
    return std::move(opened).error();
  return verifier{*reading, known, tell}.run();
}

} // namespace pawl
