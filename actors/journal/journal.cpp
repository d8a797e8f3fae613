#include "actors/journal/journal.hpp"

#include "actors/shared_page.hpp"

#include <caf/send.hpp>

namespace pawl {

namespace {

template <class Self, class Watchers, class Message>
void tell(Self self, const Watchers& watchers, const Message& what) {
  for (const auto& watcher : watchers)
    self->send(watcher, what);
}

// Takes a dead watcher out of both maps.
template <class Watchers, class Subjects>
void remove(Watchers& watchers, Subjects& subjects, const caf::actor_addr& dead) {
  auto entry = subjects.find(dead);
  if (entry == subjects.end())
    return;
  auto found = watchers.find(entry->second);
  std::erase_if(found->second, [&](const auto& one) { return one.address() == dead; });
  if (found->second.empty())
    watchers.erase(found);
  subjects.erase(entry);
}

} // namespace

journal_state::~journal_state() {
  for (const auto& [deployment, watchers] : viewers)
    for (const auto& watcher : watchers)
      caf::anon_send(watcher, journal_lost{});
  for (const auto& [lane, watchers] : lane_viewers)
    for (const auto& watcher : watchers)
      caf::anon_send(watcher, journal_lost{});
}

void journal_state::announce_all() {
  store_advanced all;
  for (const auto& [deployment, watchers] : viewers)
    all.journals.insert(deployment);
  for (const auto& [lane, watchers] : lane_viewers)
    all.lanes.insert(lane);
  announce(all);
}

void journal_state::announce(const store_advanced& what) {
  for (const auto& deployment : what.journals)
    if (auto found = viewers.find(deployment); found != viewers.end())
      tell(self, found->second, journal_grown{std::make_shared<shared_page>()});
  for (const auto& lane : what.lanes)
    if (auto found = lane_viewers.find(lane); found != lane_viewers.end())
      tell(self, found->second, lane_moved{lane});
}

void journal_state::watch(const watch_journal& request) {
  self->monitor(request.viewer);
  viewers[request.deployment].insert(request.viewer);
  followed[request.viewer.address()] = request.deployment;
  // Between the viewer's first look and now, the journal may have advanced for the last time.
  self->send(request.viewer, journal_grown{});
}

void journal_state::watch(const watch_lane& request) {
  self->monitor(request.viewer);
  lane_viewers[request.lane].insert(request.viewer);
  lanes[request.viewer.address()] = request.lane;
  self->send(request.viewer, lane_moved{request.lane});
}

void journal_state::forget(const caf::actor_addr& viewer) {
  remove(viewers, followed, viewer);
  remove(lane_viewers, lanes, viewer);
}

journal_actor::behavior_type journal(asking_pointer<journal_actor, journal_state> self) {
  self->state.self = self;
  self->set_down_handler([self](const caf::down_msg& down) { self->state.forget(down.source); });
  return {
      [self](const store_advanced& what) { self->state.announce(what); },
      [self](const all_may_have_advanced&) { self->state.announce_all(); },
      [self](const watch_journal& request) {
        self->state.watch(request);
        return done{};
      },
      [self](const watch_lane& request) {
        self->state.watch(request);
        return done{};
      },
  };
}

} // namespace pawl
