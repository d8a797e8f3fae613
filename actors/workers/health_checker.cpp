#include "actors/workers/health_checker.hpp"

#include "actors/runtime/own_thread.hpp"

namespace pawl {

void health_checker_state::begin(const check_regularly& wanted) {
  order = wanted;
  take_caller();
}

void health_checker_state::take_caller() {
  caller = make_caller();
  self->link_to(caller);
  self->delayed_send(self, order.health.interval, probe_due{});
}

void health_checker_state::probe() {
  auto report = [this](const probe_answer& answer) {
    self->send(lane, instance_checked{order.deployment, order.name, answer});
    self->delayed_send(self, order.health.interval, probe_due{});
  };
  self->request(caller, order.health.timeout + limits::request_timeout,
                probe_instance{order.name, order.address, order.health})
      .then(report, [this, report](const caf::error& why) {
        if (!refusal_in(why))
          return report({false, "the check had no answer"});
        // No thread for a check says nothing of the instance.
        self->unlink_from(caller);
        self->send_exit(caller, caf::exit_reason::user_shutdown);
        take_caller();
      });
}

health_checker_actor::behavior_type
health_checker(asking_pointer<health_checker_actor, health_checker_state> self,
               caller_maker make_caller, lane_reports_actor lane) {
  auto& state = self->state;
  state.self = self;
  state.make_caller = std::move(make_caller);
  state.lane = std::move(lane);
  state.owner.begin(self, state.lane);
  return {
      [self](const check_regularly& wanted) { self->state.begin(wanted); },
      [self](const probe_due&) { self->state.probe(); },
  };
}

} // namespace pawl
