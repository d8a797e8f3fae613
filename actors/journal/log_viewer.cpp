#include "actors/journal/log_viewer.hpp"

#include "actors/journal/journal_watch.hpp"
#include "lifecycle/processes.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace pawl {

namespace {

void add_instances(const deployment& d, std::vector<std::string>& into) {
  for (auto& name : instance_names_of(d))
    into.push_back(std::move(name));
}

} // namespace

// Those of the active deployment and of the one that starts; of a lane that has neither, of its
// newest: why it failed is often in its last lines.
result<std::vector<std::string>> log_viewer_state::instances_of_lane() const {
  std::vector<std::string> names;
  auto known = parts.records->lane(lane);
  if (!known)
    return std::move(known).error();
  if (known->active) {
    auto active = parts.records->find(*known->active);
    if (!active)
      return std::move(active).error();
    add_instances(*active, names);
  }
  auto unfinished = parts.records->unfinished(lane);
  if (!unfinished)
    return std::move(unfinished).error();
  for (const auto& one : *unfinished)
    if (one.state == state::activating)
      add_instances(one, names);
  if (names.empty()) {
    history_query newest{lane.app, lane.cluster};
    newest.limit = 1;
    auto page = parts.records->history(newest);
    if (!page)
      return std::move(page).error();
    for (const auto& one : page->deployments)
      add_instances(one, names);
  }
  return names;
}

// All that it has or had, whatever became of them.
result<std::vector<std::string>> log_viewer_state::instances_of_deployment() {
  auto asked = parts.records->find(wanted.deployment);
  if (!asked)
    return std::move(asked).error();
  auto known = parts.records->lane(lane);
  if (!known)
    return std::move(known).error();
  over = is_settled(asked->state) && known->active != asked->id;
  std::vector<std::string> names;
  add_instances(*asked, names);
  return names;
}

// Whether there is nothing more to wait for, once all logs have been read to their ends.
bool log_viewer_state::is_complete() const {
  return !wanted.follow || (over && sources.empty());
}

void log_viewer_state::watch() {
  watch_through(self, parts.journal, watch_lane{lane, log_viewer_actor{self}});
}

// A client names what it has read before: only what was the lane's is shown to it.
bool log_viewer_state::was_of_lane(const std::string& instance) const {
  auto owner = parts.records->find(deployment_of_instance(instance));
  return owner && lane_of(*owner) == lane;
}

void log_viewer_state::take_places() {
  begun = true;
  for (const auto& place : wanted.places)
    if (was_of_lane(place.instance))
      sources[place.instance].next = place.offset;
}

// A new instance is read from its beginning; but at the very first look, its last lines. Those of a
// deployment that is over are not new: what is not among the sources then was read to its end.
void log_viewer_state::look_at_lane() {
  if (begun && !wanted.follow)
    return;
  bool first = !begun && !wanted.resumed;
  if (!begun)
    take_places();
  auto names = wanted.deployment.empty() ? instances_of_lane() : instances_of_deployment();
  if (!names)
    return end_with(std::move(names).error());
  for (auto& [instance, one] : sources)
    one.runs_on = false;
  for (const auto& instance : *names) {
    if (over && !first)
      continue;
    auto [known, fresh] = sources.try_emplace(instance);
    if (fresh && !first)
      known->second.next = 0;
    known->second.runs_on = !over;
  }
  // Instances that the lane has no longer end with their last line.
  for (auto& [instance, one] : sources)
    if (!one.runs_on)
      one.at_end = false;
  read_on();
}

// Instances take turns: one that prints all the time does not silence the others.
std::map<std::string, log_viewer_state::source>::iterator log_viewer_state::next_source() {
  auto unread = [](const auto& entry) { return !entry.second.at_end; };
  auto after = sources.upper_bound(turn);
  auto found = std::find_if(after, sources.end(), unread);
  return found != sources.end() ? found : std::find_if(sources.begin(), sources.end(), unread);
}

void log_viewer_state::read_on() {
  if (reading || !begun)
    return;
  auto next = next_source();
  if (next == sources.end()) {
    if (!is_complete())
      return;
    send(protocol::logs_complete{});
    return self->quit();
  }
  if (credit == 0)
    return;
  reading = true;
  turn = next->first;
  next->second.grew = false;
  read_log what{turn, next->second.next, wanted.lines,
                std::min<std::size_t>(credit, limits::log_page_lines), !wanted.follow};
  if (wanted.follow)
    what.more = [me = caf::actor_cast<caf::weak_actor_ptr>(self->ctrl()), instance = turn] {
      if (auto alive = caf::actor_cast<caf::strong_actor_ptr>(me))
        caf::anon_send(caf::actor_cast<log_viewer_actor>(alive), log_grown{instance});
    };
  self->request(parts.reader, limits::request_timeout, std::move(what))
      .then(
          [this, instance = turn](read_page& got) {
            reading = false;
            take(instance, got);
            read_on();
          },
          [this, instance = turn](const caf::error& why) {
            if (why == caf::sec::request_timeout)
              return end_with(
                  {errc::unavailable, "the log could not be read in time; try again", {}});
            // Its reader has died, and another takes its place.
            reading = false;
            self->delayed_send(self, limits::restart_backoff_first, log_grown{instance});
          });
}

void log_viewer_state::take(const std::string& instance, read_page& got) {
  auto& page = got.page;
  auto& from = sources.at(instance);
  from.next = page.next;
  from.at_end = page.at_end && !from.grew;
  from.watch = std::move(got.watch);
  credit -= std::min(credit, static_cast<std::uint32_t>(page.lines.size()));
  bool ended = page.at_end && (!wanted.follow || (page.stopped && !from.runs_on));
  if (!page.lines.empty() || page.skipped > 0 || ended || !from.announced)
    send(protocol::log_lines{instance, std::move(page.lines), page.skipped, page.next,
                             ended && wanted.follow, std::move(page.times)});
  from.announced = true;
  if (ended && wanted.follow)
    sources.erase(instance);
}

void log_viewer_state::end_with(error why) {
  send(protocol::refused{std::move(why)});
  self->quit();
}

log_viewer_actor::behavior_type log_viewer(asking_pointer<log_viewer_actor, log_viewer_state> self,
                                           log_viewer_parts parts, lane_key lane,
                                           protocol::logs_request wanted,
                                           std::function<void(protocol::message)> send) {
  auto& state = self->state;
  state.self = self;
  state.parts = std::move(parts);
  state.lane = std::move(lane);
  state.credit = std::min(wanted.credit, limits::event_credit);
  state.wanted = std::move(wanted);
  state.send = std::move(send);
  state.watch();
  return {
      [self](const viewer_credit& more) {
        auto& left = self->state.credit;
        left = std::min(left + std::min(more.events, limits::event_credit), limits::event_credit);
        self->state.read_on();
      },
      // The first comes when the journal knows this viewer: no move of the lane is missed.
      [self](const lane_moved&) { self->state.look_at_lane(); },
      [self](const log_grown& what) {
        auto grown = self->state.sources.find(what.instance);
        if (grown == self->state.sources.end())
          return;
        grown->second.at_end = false;
        grown->second.grew = true;
        self->state.read_on();
      },
      [self](const journal_lost&) { self->state.watch(); },
  };
}

} // namespace pawl
