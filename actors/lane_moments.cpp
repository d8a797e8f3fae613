// A lane's part that ends what takes too long: in flight, in the queue, or to arrive.
#include "actors/deployment_actor.hpp"
#include "lifecycle/deadlines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace pawl {

void deployment_actor_state::wait_for(moment::purpose what, stay of, duration wait) {
  std::erase_if(moments, [this](const moment& one) { return !is_current(one.of); });
  moments.push_back({what, std::move(of), self->clock().now() + wait});
  look_at_moments();
}

void deployment_actor_state::look_at_moments() {
  auto first = std::min_element(moments.begin(), moments.end(),
                                [](const auto& a, const auto& b) { return a.due < b.due; });
  if (first == moments.end() || (next_look && *next_look <= first->due))
    return;
  next_look = first->due;
  self->delayed_send(self, first->due - self->clock().now(), moments_due{});
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
    decide([this, one] { pass(one); });
  look_at_moments();
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
