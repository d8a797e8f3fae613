// The watch_period of a deployment that has just gone live: its instances are still checked, and if
// they turn unhealthy, the lane goes back to what served before.
#include "actors/lane/deployment_actor.hpp"

#include "lifecycle/deadlines.hpp"
#include "lifecycle/own_requests.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

std::string watch_request_id(const deployment& d) {
  return fmt::format("{}watch:{}", own_request_prefix, d.id);
}

} // namespace

// What is left of the period goes by the record: a restart of the server does not begin it anew.
void deployment_actor_state::begin_watch() {
  watched = {};
  auto left = watch_left(*active, parts.cluster.watch_period, parts.now());
  watching = left > duration::zero();
  if (watching)
    self->delayed_send(self, left, watch_passed{active->id});
}

// What was found unhealthy is checked on, so that the status knows when it is healthy again.
void deployment_actor_state::end_watch(const watch_passed& what) {
  if (!active || active->id != what.deployment)
    return;
  watching = false;
  for (auto& one : serving)
    if (one.phase != service_phase::unhealthy)
      self->send_exit(std::exchange(one.checker, {}), caf::exit_reason::user_shutdown);
}

void deployment_actor_state::check_regularly_if_watched(served_instance& one) {
  if (!watching)
    return;
  one.checker = parts.make_health_checker(deployment_actor{self});
  self->link_to(one.checker); // else nobody would notice that the instance is checked no more
  self->send(one.checker, check_regularly{active->id, one.name, one.address,
                                          active->internals.settings->health});
}

void deployment_actor_state::note_check(const instance_checked& what) {
  auto* one = find_serving(what.name);
  if (one == nullptr || !one->serves() || !one->checker)
    return;
  watched.observe(one->name, what.answer.ok);
  if (what.answer.ok) {
    one->phase = service_phase::running;
    one->detail.clear();
    if (!watching)
      self->send_exit(std::exchange(one->checker, {}), caf::exit_reason::user_shutdown);
    return;
  }
  if (!watched.unhealthy(one->name))
    return;
  one->phase = service_phase::unhealthy;
  one->detail = what.answer.detail;
  judge_watch(*one);
}

// A deployment that somebody has asked for meanwhile goes first: if it fails, the next check that
// fails comes back here.
void deployment_actor_state::judge_watch(const served_instance& one) {
  if (!watching || in_flight || !queue.empty())
    return;
  std::string why;
  if (watched.unhealthy(one.name))
    why = fmt::format("{} failed {} checks in a row ({})", one.name, limits::watch_failures,
                      one.detail);
  else if (watched.keeps_ending())
    why = fmt::format("its instances ended {} times, the last was {} ({})", limits::watch_ends,
                      one.name, one.detail);
  else
    return;
  if (auto before = watch_fallback())
    roll_back_by_itself(*before, why);
}

// Only what this deployment has replaced itself, and once: what a rollback took out of the traffic
// is not put back by another.
std::optional<deployment> deployment_actor_state::watch_fallback() const {
  if (active->operation == operation::rollback || !active->replaces)
    return std::nullopt;
  auto tried = parts.records->by_request(watch_request_id(*active));
  if (!tried || *tried)
    return std::nullopt;
  auto before = parts.records->find(*active->replaces);
  if (!before || before->state != state::retired || !before->version ||
      before->version == active->version)
    return std::nullopt;
  return std::move(*before);
}

// It activates beside what serves, and switches only when it is healthy: if the version before is
// not, nothing changes.
void deployment_actor_state::roll_back_by_itself(const deployment& to, const std::string& why) {
  auto draft = draft_of(operation::rollback, *to.version);
  if (!draft)
    return;
  draft->by = "pawl";
  draft->request_id = watch_request_id(*active);
  draft->message = fmt::format(
      "{} turned unhealthy within {} s after it went live: {}", to_string(*active->version),
      std::chrono::ceil<std::chrono::seconds>(parts.cluster.watch_period).count(), why);
  draft->message.resize(std::min(draft->message.size(), limits::message_bytes));
  auto text = fmt::format("{} (deployment {}): going back to {} (deployment {})", draft->message,
                          active->id, to_string(*to.version), to.id);
  auto wanted = change_of_new(std::move(*draft), state::activating);
  if (!wanted)
    return;
  auto& said = wanted->journal.front().events.emplace_back();
  said.at = wanted->deployments.front().created_at;
  said.body = warning_event{std::move(text)};
  commit(
      std::move(*wanted),
      [this](receipt& stored) {
        record = *stored.lane;
        in_flight = stored.deployments.front();
        act();
      },
      // The next check that fails tries again, if it still may.
      [](const error&) {});
}

} // namespace pawl
