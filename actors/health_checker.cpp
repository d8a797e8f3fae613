#include "actors/health_checker.hpp"

namespace pawl {

void health_checker_state::begin(const check_regularly& wanted) {
  order = wanted;
  hand = make_hand();
  self->link_to(hand);
  self->delayed_send(self, order.health.interval, probe_due{});
}

void health_checker_state::probe() {
  auto report = [this](const probe_answer& answer) {
    self->send(lane, instance_checked{order.deployment, order.name, answer});
    self->delayed_send(self, order.health.interval, probe_due{});
  };
  self->request(hand, order.health.timeout + limits::request_timeout,
                probe_instance{order.address, order.health})
      .then(report, [report](const caf::error&) {
        report({false, "the check had no answer"});
      });
}

health_checker_actor::behavior_type
health_checker(health_checker_actor::stateful_pointer<health_checker_state> self,
               hand_maker make_hand, deployment_actor lane) {
  auto& state = self->state;
  state.self = self;
  state.make_hand = std::move(make_hand);
  state.lane = std::move(lane);
  self->monitor(state.lane);
  self->set_down_handler(
      [self](const caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  return {
      [self](const check_regularly& wanted) { self->state.begin(wanted); },
      [self](const probe_due&) { self->state.probe(); },
  };
}

} // namespace pawl
