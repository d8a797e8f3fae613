#include "actors/lane/replacing.hpp"

#include "lifecycle/processes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

bool replaces(const deployment& d) {
  return d.internals.settings && d.internals.settings->deploy.replaces;
}

} // namespace

// It counts what either of the two versions says: going back is the same as going on.
bool replacing::is_replacing() const {
  const auto& in_flight = lane_.facts.in_flight();
  const auto& active = lane_.facts.active();
  return in_flight && active &&
         (in_flight->state == state::activating || in_flight->state == state::cancelling) &&
         in_flight->version && (replaces(*in_flight) || replaces(*active));
}

bool replacing::may_start() {
  const auto& id = lane_.facts.in_flight()->id;
  if (!is_replacing() || lane_.facts.record().stopped_at || cleared_for_ == id)
    return leaving_.empty() || !is_replacing();
  if (clearing_for_ != id)
    stop_old();
  return false;
}

void replacing::stop_old() {
  const auto& in_flight = *lane_.facts.in_flight();
  const auto& active = *lane_.facts.active();
  clearing_for_ = in_flight.id;
  has_stopped_ = true;
  service_.end();
  lane_.commits.note(in_flight.id,
                     warning_event{fmt::format(
                         "[deploy] strategy = \"replace\": the instances of {} are stopped before "
                         "those of {} start; the app's hosts answer 503 until these are healthy",
                         to_string(*active.version), to_string(*in_flight.version))});
  drain_.close_route(active.id, [this, active, id = in_flight.id] {
    drain_.stop_instances_of(active, instance_names_of(active), [this, id] {
      lane_.commits.enqueue([this, id] { old_has_stopped(id); });
    });
  });
}

void replacing::old_has_stopped(const std::string& deployment) {
  clearing_for_.clear();
  const auto& in_flight = lane_.facts.in_flight();
  if (!in_flight || in_flight->id != deployment)
    return end(deployment); // it ended meanwhile, before it had instances
  cleared_for_ = deployment;
  lane_.events.router_is_clear();
}

bool replacing::holds_back(const std::vector<instance>& running) {
  const auto& active = lane_.facts.active();
  for (const auto& one : running) {
    if (active && one.deployment == owner_of_instances(*active))
      continue;
    const auto owner = lane_.with.records->find(one.deployment);
    if (owner && replaces(*owner) && is_final(owner->state) && !was_active(owner->state))
      leaving_.insert(owner->id);
  }
  has_stopped_ = is_replacing() || !leaving_.empty();
  return has_stopped_;
}

void replacing::note_failure() {
  const auto& active = lane_.facts.active();
  if (!has_stopped_ || !active)
    return;
  const auto& failing = *lane_.facts.in_flight();
  if (failing.state == state::activating)
    leaving_.insert(failing.id);
  lane_.commits.note(failing.id,
                     warning_event{fmt::format("the instances of {} start again, as soon as the "
                                               "new ones have ended",
                                               to_string(*active->version))});
}

// Another one that replaces may be activating by now, and goes on: nothing else runs then.
void replacing::end(const std::string& deployment) {
  leaving_.erase(deployment);
  if (cleared_for_ == deployment)
    cleared_for_.clear();
  if (!has_stopped_ || clearing_for_ == deployment || !leaving_.empty())
    return;
  const auto& in_flight = lane_.facts.in_flight();
  if (is_replacing() && in_flight->id != deployment)
    return lane_.events.router_is_clear();
  has_stopped_ = false;
  if (lane_.facts.active())
    service_.serve({});
}

} // namespace pawl
