#include "actors/lane/service.hpp"

#include "actors/lane/instance_specs.hpp"
#include "lifecycle/deadlines.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

static_assert(limits::lane_idle >= limits::restart_backoff_max,
              "a lane that rests has forgotten no back-off that an instance is still in");

namespace {

constexpr std::string_view added_by_scale = "it was added by pawl scale";

} // namespace

void service::serve(const std::vector<instance>& running) {
  end();
  if (lane_.facts.record().stopped_at)
    return;
  begin_watch();
  for (auto& name : instance_names_of(active())) {
    auto found = std::find_if(running.begin(), running.end(),
                              [&](const instance& seen) { return seen.name == name; });
    if (found != running.end() && found->state == instance_state::running)
      keep_up(serving_.emplace_back(served_instance{std::move(name)}), *found);
    else
      begin_life(std::move(name), "it did not run when the server looked");
  }
}

void service::begin_life(std::string name, std::string why) {
  auto& one = serving_.emplace_back(served_instance{std::move(name)});
  one.detail = std::move(why);
  one.since = lane_.self->clock().now();
  lane_.self->send(lane_.self, restart_instance{active().id, one.name});
}

std::vector<std::string> service::follow_counts() {
  const auto wanted = instance_names_of(active());
  std::vector<std::string> gone;
  for (auto& one : serving_)
    if (std::find(wanted.begin(), wanted.end(), one.name) == wanted.end())
      gone.push_back(one.name);
  for (const auto& name : gone)
    let_go(name);
  for (const auto& name : wanted)
    if (find(name) == nullptr)
      begin_life(name, std::string{added_by_scale});
  restore_route_if_allowed();
  return gone;
}

void service::renew(const std::string& process) {
  for (auto& one : serving_) {
    if (process_of_instance(one.name) != process || !one.serves())
      continue;
    one.phase = service_phase::restarting;
    one.detail = "it is restarted on request";
    one.since = lane_.self->clock().now();
    const restart_instance again{active().id, one.name};
    drain_.stop_instances({one.name}, stop_timeout_of(active(), one.name),
                          [this, again] { lane_.self->send(lane_.self, again); });
  }
}

void service::let_go(const std::string& name) {
  auto* one = find(name);
  lane_.self->send_exit(one->starter, caf::exit_reason::user_shutdown);
  lane_.self->send_exit(one->checker, caf::exit_reason::user_shutdown);
  std::erase_if(serving_, [&](const served_instance& other) { return other.name == name; });
}

// It rested when its watch_period had passed: no jump of the wall clock begins it anew.
void service::go_on(const service_at_rest& rested) {
  for (const auto& life : rested.instances) {
    auto& one =
        serving_.emplace_back(served_instance{life.name, life.address, service_phase::running});
    one.watch = life.watch;
    one.restarts = life.restarts;
    one.since = lane_.self->clock().now();
  }
}

void service::end() {
  drop_route_orders();
  stop_serving();
  watching_ = false;
}

bool service::all_run() const {
  return !serving_.empty() &&
         std::all_of(serving_.begin(), serving_.end(), [](const served_instance& one) {
           return one.phase == service_phase::running;
         });
}

bool service::is_quiet() const {
  return !watching_ &&
         std::all_of(serving_.begin(), serving_.end(), [](const served_instance& one) {
           return one.phase == service_phase::running && !one.checker;
         });
}

service_at_rest service::at_rest() const {
  service_at_rest kept{active().id, owner_of_instances(active())};
  for (const auto& one : serving_)
    kept.instances.push_back({one.address, one.watch, one.restarts, one.name});
  return kept;
}

std::vector<protocol::instance_view> service::views() const {
  std::vector<protocol::instance_view> all;
  for (const auto& one : serving_) {
    auto& view = all.emplace_back(view_of(one, lane_.self->clock().now()));
    if (is_held() && !view.detail.empty())
      view.detail += "; " + held_for_;
  }
  return all;
}

void service::lose_instance(const instance_exited& what) {
  auto* lost = find(what.what.name);
  if (lost == nullptr || !lost->serves() || lost->watch != what.watch)
    return;
  watched_.observe_end(lost->name);
  restart_later(*lost, exit_text(what.what));
  // The others serve alone meanwhile: the lost one's port may soon be another app's.
  restore_route_if_allowed();
  judge(*lost);
}

void service::restart(const restart_instance& what) {
  auto* one = find(what.name);
  if (!is_active(what.deployment) || one == nullptr || one->phase != service_phase::restarting)
    return;
  // A call that this lane's predecessor has asked for, or an earlier try, is not over.
  if (lane_.with.unsettled->contains(what.name))
    return lane_.self->delayed_send(lane_.self, limits::restart_backoff_first, what);
  auto order = activation_of(active(), lane_.with.cluster, lane_.with.hosts(lane_.lane));
  std::erase_if(order.specs, [&](const instance_spec& spec) { return spec.name != what.name; });
  one->phase = service_phase::starting;
  if (one->detail != added_by_scale) // else it has not run before
    ++one->restarts;
  one->starter = lane_.with.make_activation_worker(lane_reports_actor{lane_.self});
  auto report = [this, what](result<std::vector<instance>> outcome) {
    lane_.commits.enqueue(
        [this, what, outcome = std::move(outcome)] { end_restart(what, outcome); });
  };
  const auto patience = patience_for(order);
  lane_.self->request(one->starter, patience, std::move(order))
      .then(
          [report](result<std::vector<instance>>& answer) { report(std::move(answer)); },
          [report](const caf::error& why) {
            report(error{errc::internal, "its start was not answered: " + caf::to_string(why), {}});
          });
}

void service::end_restart(const restart_instance& what,
                          const result<std::vector<instance>>& outcome) {
  if (!is_active(what.deployment)) {
    // Replaced meanwhile, and perhaps drained before the worker had started it.
    if (auto replaced = lane_.with.records->find(what.deployment);
        replaced && !replaced_.has(what.deployment))
      drain_.clean_up(*replaced);
    return;
  }
  auto* one = find(what.name);
  if (one == nullptr || one->phase != service_phase::starting)
    return;
  lane_.self->send_exit(std::exchange(one->starter, {}), caf::exit_reason::user_shutdown);
  if (!outcome) {
    const auto& why = outcome.error();
    auto reason = why.details.find("reason");
    if (why.code == errc::unhealthy) // else it is the machine's fault, and another version's too
      watched_.observe_end(one->name);
    one->detail = reason == why.details.end() ? why.message : reason->second;
    end_life(what);
    return judge(*one);
  }
  keep_up(*one, outcome->front());
  restore_route_if_allowed();
}

// An instance that did not get healthy is stopped. One that hangs would be found running, and be
// checked in vain, for ever: each try begins with a new life.
void service::end_life(const restart_instance& what) {
  auto stopper = drain_.caller();
  auto ended = [this, what, stopper] {
    drain_.dismiss(stopper);
    auto* one = find(what.name);
    if (is_active(what.deployment) && one != nullptr && one->phase == service_phase::starting)
      restart_later(*one, one->detail);
  };
  auto grace = stop_timeout_of(active(), what.name);
  lane_.self->request(stopper, grace + limits::request_timeout, stop_instance{what.name, grace})
      .then([ended](const result<done>&) { ended(); }, [ended](const caf::error&) { ended(); });
}

void service::keep_up(served_instance& one, const instance& running) {
  one.phase = service_phase::running;
  one.address = running.address;
  one.detail.clear();
  one.since = lane_.self->clock().now();
  one.watch = lane_.with.watches->begin(*lane_.with.engine, one.name, lane_.with.supervisor);
  check_regularly_if_watched(one);
}

void service::restart_later(served_instance& one, std::string why) {
  lane_.self->send_exit(std::exchange(one.checker, {}), caf::exit_reason::user_shutdown);
  const auto pause = one.begin_pause(lane_.self->clock().now(), std::move(why));
  lane_.self->delayed_send(lane_.self, pause, restart_instance{active().id, one.name});
}

void service::stop_serving() {
  for (auto& one : serving_) {
    lane_.self->send_exit(one.starter, caf::exit_reason::user_shutdown);
    lane_.self->send_exit(one.checker, caf::exit_reason::user_shutdown);
  }
  serving_.clear();
}

// --- the watch_period

// The rest of it goes by the record: a restart of the server does not begin it anew.
void service::begin_watch() {
  watched_ = {};
  held_for_.clear();
  period_is_over_ = false;
  auto left = watch_left(active(), lane_.with.cluster.watch_period, lane_.with.now());
  watching_ = left > duration::zero();
  if (watching_)
    lane_.self->delayed_send(lane_.self, left, watch_passed{active().id});
}

// An instance that was found unhealthy is checked on, so that the status knows when it is healthy
// again.
void service::end_watch(const watch_passed& what) {
  if (!is_active(what.deployment))
    return;
  period_is_over_ = true;
  if (!is_held())
    stop_watching();
}

void service::stop_watching() {
  watching_ = false;
  for (auto& one : serving_)
    if (one.phase != service_phase::unhealthy)
      lane_.self->send_exit(std::exchange(one.checker, {}), caf::exit_reason::user_shutdown);
}

void service::check_regularly_if_watched(served_instance& one) {
  if (!watching_ || !is_web(one.name))
    return;
  one.checker = lane_.with.make_health_checker(lane_reports_actor{lane_.self});
  lane_.self->link_to(one.checker); // else nobody would notice that nothing checks it any more
  lane_.self->send(one.checker, check_regularly{active().id, one.name, one.address,
                                                checks_of(active(), lane_.with.hosts(lane_.lane))});
}

void service::note_check(const instance_checked& what) {
  auto* one = find(what.name);
  if (one == nullptr || !one->serves() || !one->checker)
    return;
  watched_.observe(one->name, what.answer.ok);
  if (what.answer.ok) {
    one->phase = service_phase::running;
    one->detail.clear();
    if (is_held() && all_run())
      release();
    if (!watching_)
      lane_.self->send_exit(std::exchange(one->checker, {}), caf::exit_reason::user_shutdown);
    return;
  }
  if (!watched_.unhealthy(one->name))
    return;
  one->phase = service_phase::unhealthy;
  one->detail = what.answer.detail;
  judge(*one);
}

// A deployment that somebody has asked for meanwhile goes first: if it fails, the next check that
// fails comes back here.
void service::judge(const served_instance& one) {
  if (!watching_ || lane_.facts.busy())
    return;
  if (watched_.unhealthy(one.name))
    lane_.events.turned_unhealthy(fmt::format("{} failed {} checks in a row ({})", one.name,
                                              limits::watch_failures, one.detail));
  else if (watched_.keeps_ending())
    lane_.events.turned_unhealthy(fmt::format("its instances ended {} times, the last was {} ({})",
                                              limits::watch_ends, one.name, one.detail));
}

bool service::is_bad() const {
  return watching_ && (watched_.keeps_ending() ||
                       std::any_of(serving_.begin(), serving_.end(), [&](const auto& one) {
                         return one.phase == service_phase::unhealthy;
                       }));
}

void service::hold(std::string why) {
  held_for_ = std::move(why);
}

void service::end_hold() {
  if (is_held() && period_is_over_)
    release();
}

// It begins with a clean slate: one failure more is no verdict.
void service::release() {
  held_for_.clear();
  watched_ = {};
  if (period_is_over_)
    stop_watching();
}

// --- the route

void service::restore_route() {
  route back{lane_.lane, active().id, {}, active().internals.settings->run.sticky};
  for (const auto& one : serving_)
    if (one.serves() && is_web(one.name))
      back.addresses.push_back(one.address);
  drop_route_orders();
  auto answered = [this, id = active().id, asked = ++route_asked_,
                   order = route_order_.get_token()](bool switched) {
    errands_.end();
    if (switched)
      route_confirmed_ = std::max(route_confirmed_, asked);
    // Else what serves would get no requests until one of its instances changes again.
    if (!switched && !order.stop_requested())
      drain_.try_later(pawl::restore_route_again{id});
    lane_.events.look_for_idleness();
  };
  errands_.begin(); // nobody else would ask again
  lane_.self
      ->request(lane_.with.routes, limits::switch_timeout,
                switch_route{std::move(back), route_order_.get_token()})
      .then([answered](const result<done>& switched) { answered(switched.has_value()); },
            [answered](const caf::error&) { answered(false); });
}

void service::drop_route_orders() {
  route_order_.request_stop();
  route_order_ = {};
}

void service::restore_route_again(const pawl::restore_route_again& what) {
  errands_.end();
  if (is_active(what.deployment))
    restore_route_if_allowed();
}

// While the traffic is being switched away, the route is not this deployment's to change.
void service::restore_route_if_allowed() {
  if (switches_.may_restore_route())
    restore_route();
}

served_instance* service::find(const std::string& name) {
  auto found = std::find_if(serving_.begin(), serving_.end(),
                            [&](const served_instance& one) { return one.name == name; });
  return found == serving_.end() ? nullptr : &*found;
}

bool service::is_active(const std::string& deployment) const {
  const auto& now = lane_.facts.active();
  return now && now->id == deployment;
}

} // namespace pawl
