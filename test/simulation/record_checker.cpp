#include "test/simulation/record_checker.hpp"

#include "lifecycle/processes.hpp"
#include "test/support/journal_events.hpp"

#include <algorithm>

namespace pawl::test {

namespace {

bool continues(const std::vector<transition_entry>& whole,
               const std::vector<transition_entry>& begin) {
  return begin.size() <= whole.size() && std::equal(begin.begin(), begin.end(), whole.begin());
}

// The states that a journal tells of: it is closed when its deployment settles.
std::vector<state> states_told(const deployment& d) {
  std::vector<state> told;
  for (const auto& step : d.transitions)
    if (step.state != state::retired && step.state != state::rolled_back)
      told.push_back(step.state);
  return told;
}

std::string path_of(const deployment& d) {
  std::string path = d.id + ":";
  for (const auto& step : d.transitions)
    path += " " + std::string{to_string(step.state)};
  return path;
}

} // namespace

void record_checker::committed(const std::vector<result<receipt>>& outcomes) {
  std::set<lane_key> lanes;
  std::set<std::string> written;
  for (const auto& outcome : outcomes) {
    if (!outcome)
      continue;
    for (const auto& d : outcome->deployments) {
      check_moves(d);
      check_fields(d);
      lanes.insert(lane_of(d));
      if (outcome->lane && outcome->lane->destroyed_at)
        destroyed_.insert(d.id);
      else if (d.state == state::retired || d.state == state::rolled_back)
        replaced_.emplace(owner_of_instances(d), machine_.now());
      else if (d.state == state::active && !d.internals.took_over.empty()) {
        machine_.count("takeovers of warm instances");
        replaced_.erase(d.internals.took_over);
      }
      known_[d.id] = d;
      written.insert(d.id);
    }
    for (const auto& grown : outcome->journal)
      written.insert(grown.deployment);
  }
  for (const auto& id : written)
    check_journal(known_.at(id));
  for (const auto& lane : lanes)
    check_lane(lane);
}

void record_checker::check_moves(const deployment& d) {
  auto before = known_.find(d.id);
  if (d.transitions.empty() || d.transitions.back().state != d.state)
    return machine_.violate("I3: the last transition is not the state: " + path_of(d));
  std::size_t first = 1;
  if (before != known_.end()) {
    if (!continues(d.transitions, before->second.transitions))
      machine_.violate("I3: the past has changed: " + path_of(before->second) + " became " +
                       path_of(d));
    first = before->second.transitions.size();
  } else if (!may_begin(d.operation, d.transitions.front().state)) {
    machine_.violate("I3: it does not begin there: " + path_of(d));
  }
  for (std::size_t i = first; i < d.transitions.size(); ++i) {
    machine_.count(fmt::format("to {}", to_string(d.transitions[i].state)));
    if (!transition(d.transitions[i - 1].state, d.transitions[i].state))
      machine_.violate("I3: no move of the table: " + path_of(d));
  }
}

void record_checker::check_fields(const deployment& d) {
  auto before = known_.find(d.id);
  bool needs_version = d.state == state::activating || d.state == state::releasing ||
                       was_active(d.state) || d.operation != operation::deploy;
  if (needs_version && !d.version)
    machine_.violate("I3: it has no version: " + path_of(d));
  // One that waits to configure what serves gets the version that serves when its turn comes.
  const bool has_waited = d.operation == operation::configure && before != known_.end() &&
                          before->second.state == state::queued;
  if (before != known_.end() && before->second.version && !has_waited &&
      d.version != before->second.version)
    machine_.violate("I3: its version has changed: " + path_of(d));
  bool went_wrong =
      d.state == state::failed || d.state == state::cancelled || d.state == state::superseded;
  if (went_wrong != d.error.has_value())
    machine_.violate("I3: an error belongs to what went wrong, and to nothing else: " + path_of(d));
  if (is_settled(d.state) != d.finished_at.has_value())
    machine_.violate("I3: it is finished when it has settled: " + path_of(d));
}

void record_checker::check_lane(const lane_key& lane) {
  std::string in_flight;
  std::string active;
  for (const auto& [id, d] : known_) {
    if (lane_of(d) != lane)
      continue;
    if (is_in_flight(d.state) && !std::exchange(in_flight, id).empty())
      machine_.violate("I2: two are in flight in " + lane.app + "/" + lane.cluster);
    if (d.state == state::active && !std::exchange(active, id).empty())
      machine_.violate("I2: two are active in " + lane.app + "/" + lane.cluster);
  }
  auto record = records_.lane(lane);
  if (!record || record->active.value_or("") != active)
    machine_.violate("I2: the lane's pointer is not to what is active: " + lane.app + "/" +
                     lane.cluster);
}

void record_checker::check_journal(const deployment& d) {
  std::vector<state> told;
  std::uint64_t next = 1;
  for (bool complete = false; !complete;) {
    auto page = records_.journal(d.id, next, limits::journal_page_bytes);
    if (!page)
      return machine_.violate("I3: no journal of " + d.id + ": " + page.error().message);
    for (const auto& event : events_of(*page)) {
      if (event.seq != next++)
        machine_.violate(
            fmt::format("I3: the journal of {} has {} for {}", d.id, event.seq, next - 1));
      if (const auto* moved = std::get_if<state_event>(&event.body))
        told.push_back(moved->state);
    }
    complete = page->complete;
  }
  if (told != states_told(d))
    machine_.violate("I3: its journal tells another story: " + path_of(d));
}

void record_checker::shown(const deployment& d) {
  auto stored = records_.find(d.id);
  if (!stored)
    return machine_.violate("I1: a client was shown what is not stored: " + path_of(d));
  if (!continues(stored->transitions, d.transitions))
    machine_.violate("I1: a client was shown " + path_of(d) + ", stored is " + path_of(*stored));
  auto& last = shown_[d.id];
  if (d.transitions.size() >= last.transitions.size())
    last = d;
}

void record_checker::destroyed(const std::string& id) {
  auto stored = records_.find(id);
  if (!stored || stored->state != state::retired)
    machine_.violate("I1: a client was told that it is destroyed, and it is not: " + id);
}

// Another may have been stored since, but not before: those that were told come in order.
void record_checker::told_of(const protocol::process_list& answer) {
  auto stored = records_.find(answer.deployment);
  if (!stored || !was_active(stored->state))
    return machine_.violate("I1: a client was shown the processes of what was never active: " +
                            answer.deployment);
  const auto names = process_names(*stored->internals.settings);
  for (const auto& one : answer.processes)
    if (std::find(names.begin(), names.end(), one.process) == names.end() ||
        one.instances > limits::instances_per_lane)
      machine_.violate(fmt::format("a client was shown {} instances of {} of {}", one.instances,
                                   one.process, answer.deployment));
}

void record_checker::shown(const std::string& id, const event& what) {
  auto page = records_.journal(id, what.seq, 1);
  if (!page || page->events.empty() || events_of(*page).front() != what)
    machine_.violate(
        fmt::format("I1: a client was shown event {} of {}, which is not stored", what.seq, id));
}

void record_checker::accepted(const std::string& request_id, const deployment& d) {
  auto [known, first] = requests_.emplace(request_id, d.id);
  if (!first && known->second != d.id)
    machine_.violate(fmt::format("I6: request {} made {} and {}", request_id, known->second, d.id));
  if (d.request_id != request_id)
    machine_.violate("I6: the deployment has another request id: " + d.id);
  shown(d);
}

void record_checker::check_all() {
  for (const auto& [id, seen] : shown_) {
    auto stored = records_.find(id);
    if (!stored)
      machine_.violate("I8: it is gone: " + path_of(seen));
    else if (!continues(stored->transitions, seen.transitions))
      machine_.violate("I1: a client was shown " + path_of(seen) + ", stored is " +
                       path_of(*stored));
  }
  std::set<lane_key> lanes;
  for (const auto& [id, d] : known_) {
    auto stored = records_.find(id);
    if (!stored || *stored != d) {
      machine_.violate("I8: it is not what was committed: " + path_of(d));
      continue;
    }
    check_journal(d);
    lanes.insert(lane_of(d));
  }
  for (const auto& lane : lanes)
    check_lane(lane);
}

std::optional<duration> record_checker::replaced_at(const std::string& id) const {
  auto found = replaced_.find(id);
  return found == replaced_.end() ? std::nullopt : std::optional{found->second};
}

} // namespace pawl::test
