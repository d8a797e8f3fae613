#include "actors/journal.hpp"

namespace pawl {

void journal_state::announce(const journal_advanced& what) {
  auto found = viewers.find(what.deployment);
  if (found == viewers.end())
    return;
  for (const auto& viewer : found->second)
    self->send(viewer, what);
}

void journal_state::watch(const watch_journal& request) {
  self->monitor(request.viewer);
  viewers[request.deployment].insert(request.viewer);
  followed[request.viewer.address()] = request.deployment;
  // Between the viewer's first look and now, the journal may have advanced for the last time.
  self->send(request.viewer, journal_advanced{request.deployment});
}

void journal_state::forget(const caf::actor_addr& viewer) {
  auto entry = followed.find(viewer);
  if (entry == followed.end())
    return;
  auto watchers = viewers.find(entry->second);
  std::erase_if(watchers->second, [&](const auto& one) { return one.address() == viewer; });
  if (watchers->second.empty())
    viewers.erase(watchers);
  followed.erase(entry);
}

journal_actor::behavior_type journal(journal_actor::stateful_pointer<journal_state> self) {
  self->state.self = self;
  self->set_down_handler([self](const caf::down_msg& down) { self->state.forget(down.source); });
  return {
      [self](const journal_advanced& what) { self->state.announce(what); },
      [self](const watch_journal& request) { self->state.watch(request); },
  };
}

} // namespace pawl
