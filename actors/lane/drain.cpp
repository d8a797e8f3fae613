#include "actors/lane/drain.hpp"

#include "actors/lane/instance_specs.hpp"

namespace pawl {

// Linked: it ends with the lane, however that ends.
engine_caller_actor drain::caller() {
  auto made = lane_.with.make_caller();
  lane_.self->link_to(made);
  errands_.begin();
  return made;
}

void drain::dismiss(const engine_caller_actor& one) {
  lane_.self->send_exit(one, caf::exit_reason::user_shutdown);
  errands_.end();
  lane_.events.look_for_idleness();
}

void drain::stop_instances(const std::vector<std::string>& names, duration grace,
                           std::function<void()> then) {
  if (names.empty())
    return then();
  auto stopper = caller();
  auto left = std::make_shared<std::size_t>(names.size());
  auto stopped = [this, stopper, left, then = std::move(then)] {
    if (--*left > 0)
      return;
    dismiss(stopper);
    then();
  };
  auto patience = (grace + limits::request_timeout) * static_cast<int>(names.size());
  for (const auto& one : names) {
    auto refused = [this, stopped, again = pawl::stop_again{one, grace}] {
      try_later(again);
      stopped();
    };
    lane_.self->request(stopper, patience, stop_instance{one, grace})
        .then([stopped, refused](const result<done>& ended) { ended ? stopped() : refused(); },
              [refused](const caf::error&) { refused(); });
  }
}

void drain::stop_instances_of(const deployment& d, const std::vector<std::string>& names,
                              const std::function<void()>& then) {
  std::map<std::string_view, std::vector<std::string>> by_process;
  for (const auto& name : names)
    by_process[process_of_instance(name)].push_back(name);
  if (by_process.empty())
    return then();
  auto left = std::make_shared<std::size_t>(by_process.size());
  for (const auto& [process, group] : by_process)
    stop_instances(group, stop_timeout_of(d, group.front()), [left, then] {
      if (--*left == 0)
        then();
    });
}

void drain::stop_again(const pawl::stop_again& what) {
  errands_.end();
  stop_instances({what.instance}, what.grace, [] {});
}

void drain::drain_later(const deployment& replaced) {
  if (draining_.emplace(replaced.id, replaced).second)
    lane_.self->delayed_send(lane_.self, lane_.with.cluster.drain, drain_passed{replaced.id});
}

// The app gets its SIGTERM first and ends its connections itself; after that the router cuts the
// rest of them.
void drain::pass_drain(const drain_passed& what) {
  auto entry = draining_.find(what.deployment);
  if (entry == draining_.end())
    return;
  auto replaced = std::move(entry->second);
  draining_.erase(entry);
  if (!replaced.internals.settings->run.sticky)
    return lane_.events.drained(replaced);
  // Their clients would come to instances that accept nothing any more. If the router refuses, they
  // end all the same: it finds out by its own checks.
  auto let_go = [this, replaced] {
    errands_.end();
    lane_.events.drained(replaced);
  };
  errands_.begin();
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout, let_clients_go{lane_.lane, replaced.id})
      .then([let_go](const result<done>&) { let_go(); }, [let_go](const caf::error&) { let_go(); });
}

void drain::end_drained(const deployment& replaced) {
  stop_instances_of(replaced, instance_names_of(replaced),
                    [this, id = replaced.id] { forget_route(id); });
}

void drain::forget_route(const std::string& deployment) {
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout,
                pawl::forget_route{lane_.lane, deployment})
      .then([](const result<done>&) {}, [](const caf::error&) {});
}

void drain::close_route(const std::string& deployment, std::function<void()> then) {
  closing_[deployment] = std::move(then);
  ask_to_close(deployment);
}

void drain::ask_to_close(const std::string& deployment) {
  auto answered = [this, deployment](bool closed) {
    errands_.end();
    if (!closed)
      return try_later(pawl::close_route_again{deployment});
    if (auto then = closing_.extract(deployment))
      then.mapped()();
  };
  errands_.begin();
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout,
                switch_route{{lane_.lane, deployment, {}}, {}})
      .then([answered](const result<done>& said) { answered(said.has_value()); },
            [answered](const caf::error&) { answered(false); });
}

void drain::close_route_again(const pawl::close_route_again& what) {
  errands_.end();
  if (closing_.contains(what.deployment))
    ask_to_close(what.deployment);
}

void drain::take_away(const deployment& d, removal::follow_up then, state_visit cancelled) {
  const removal what{d.id, instance_names_of(d), then, std::move(cancelled)};
  if (switches_.must_leave_first(d.id, d.state))
    leave_router(what);
  else
    stop_removed(what);
}

void drain::leave_router(const removal& what) {
  switches_.record(what.deployment, routing_event::leave_asked);
  ask_router(what);
}

void drain::ask_router(const removal& what) {
  auto left = [this, what] {
    errands_.end();
    switches_.record(what.deployment, routing_event::left);
    if (switches_.all_have_left())
      lane_.commits.enqueue([this] { lane_.events.router_is_clear(); });
    stop_removed(what);
  };
  auto refused = [this, what] {
    errands_.end();
    switches_.record(what.deployment, routing_event::refused);
    try_later(pawl::leave_router_again{what});
  };
  errands_.begin();
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout,
                pawl::forget_route{lane_.lane, what.deployment})
      .then([left, refused](const result<done>& answer) { answer ? left() : refused(); },
            [refused](const caf::error&) { refused(); });
}

void drain::leave_router_again(const pawl::leave_router_again& what) {
  errands_.end();
  ask_router(what.what);
}

void drain::stop_removed(const removal& what) {
  stop_instances(what.instances, limits::cancel_polite, [this, what] { follow(what); });
}

void drain::follow(const removal& what) {
  lane_.events.new_instances_have_ended(what.deployment);
  switch (what.then) {
  case removal::follow_up::nothing:
    return;
  case removal::follow_up::end_of_cancel:
    return lane_.commits.enqueue(
        [this, visit = what.cancelled] { lane_.events.cancel_has_ended(visit); });
  case removal::follow_up::leftovers:
    return discard_leftovers(what.deployment);
  case removal::follow_up::destruction:
    return lane_.events.destruction_has_ended();
  }
}

void drain::clean_up(const deployment& ended) {
  intake_.discard(ended.id, [this, ended] { take_away(ended, removal::follow_up::leftovers); });
}

void drain::discard_leftovers(const std::string& deployment) {
  auto cleaner = caller();
  lane_.self->request(cleaner, limits::stop_timeout_max, discard_work{deployment})
      .then([this, cleaner](const done&) { dismiss(cleaner); },
            [this, cleaner, deployment](const caf::error&) {
              try_later(pawl::discard_again{deployment});
              dismiss(cleaner);
            });
}

void drain::discard_again(const pawl::discard_again& what) {
  errands_.end();
  discard_leftovers(what.deployment);
}

} // namespace pawl
