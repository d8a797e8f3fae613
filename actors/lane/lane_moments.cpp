// A lane's part that ends what takes too long: in flight, in the queue, or to arrive.
#include "actors/lane/deployment_actor.hpp"
#include "lifecycle/deadlines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>

namespace pawl {

void deployment_actor_state::wait_for(moment::purpose what, stay of, duration wait) {
  // Not each time: to find the void ones costs a step for each that there is.
  if (moments.size() > 2 * (queue.size() + 2))
    forget_void_moments();
  moments.push_back({what, std::move(of), self->clock().now() + wait});
  look_at(moments.back());
}

void deployment_actor_state::forget_void_moments() {
  std::unordered_set<std::string_view> queued;
  for (const auto& one : queue)
    queued.insert(one.id);
  std::erase_if(moments, [&](const moment& one) {
    return !still(one.of) && !queued.contains(one.of.deployment);
  });
}

void deployment_actor_state::look_at(const moment& one) {
  if (next_look && *next_look <= one.due)
    return;
  next_look = one.due;
  self->delayed_send(self, one.due - self->clock().now(), moments_due{});
}

void deployment_actor_state::pass_moments() {
  const auto now = self->clock().now();
  if (next_look && *next_look <= now)
    next_look.reset();
  auto due = std::stable_partition(moments.begin(), moments.end(),
                                   [&](const moment& one) { return one.due > now; });
  const std::vector<moment> passed{std::make_move_iterator(due),
                                   std::make_move_iterator(moments.end())};
  moments.erase(due, moments.end());
  for (const auto& one : passed)
    if (is_current(one.of)) // a void one stays so
      decide([this, one] { pass(one); });
  auto first = std::min_element(moments.begin(), moments.end(),
                                [](const auto& a, const auto& b) { return a.due < b.due; });
  if (first != moments.end())
    look_at(*first);
}

void deployment_actor_state::pass(const moment& which) {
  switch (which.what) {
  case moment::purpose::deadline:
    return pass_deadline(which.of);
  case moment::purpose::upload_check:
    return fail_if_stalled(which.of);
  }
}

bool deployment_actor_state::is_current(const stay& of) const {
  return still(of) || std::any_of(queue.begin(), queue.end(), [&](const deployment& one) {
           return one.id == of.deployment && one.transitions.size() == of.transitions;
         });
}

void deployment_actor_state::arm_deadline(const deployment& d) {
  if (auto left = time_left(d, parts.now()))
    wait_for(moment::purpose::deadline, {d.id, d.transitions.size()}, *left);
}

void deployment_actor_state::pass_deadline(const stay& of) {
  if (!is_current(of))
    return;
  if (!still(of))
    return fail_queued(of.deployment, {errc::timed_out, "its turn did not come in time", {}});
  if (in_flight->state == state::cancelling) {
    working = false; // whatever the worker still does, its report is void from here on
    return finish_cancel();
  }
  if (auto why = undecided_switch(); why && in_flight->state == state::activating)
    return fail_with(*std::move(why));
  fail_with({errc::timed_out,
             fmt::format("the deployment was {} for longer than it may be; it was stopped",
                         to_string(in_flight->state)),
             {}});
}

void deployment_actor_state::fail_queued(const std::string& id, const error& why) {
  auto queued =
      std::find_if(queue.begin(), queue.end(), [&](const deployment& one) { return one.id == id; });
  if (queued == queue.end())
    return;
  auto ended = fail(*queued, why, parts.now());
  change wanted;
  wanted.journal.push_back(
      {ended->id, {{0, parts.now(), state_event{ended->state, ended->error}}}});
  wanted.deployments.push_back(std::move(*ended));
  commit(std::move(wanted), [this](receipt& stored) {
    const auto& gone = stored.deployments.front();
    std::erase_if(queue, [&](const deployment& one) { return one.id == gone.id; });
    clean_up(gone);
  });
}

} // namespace pawl
