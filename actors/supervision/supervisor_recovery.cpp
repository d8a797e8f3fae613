// A start of the server: what the store says goes on, once the engines and the router answer.
#include "actors/runtime/own_thread.hpp"
#include "actors/supervision/lane_names.hpp"
#include "actors/supervision/supervisor.hpp"
#include "actors/supervision/unserved_lanes.hpp"
#include "lifecycle/deadlines.hpp"
#include "lifecycle/processes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace pawl {

namespace {

struct by_lane {
  bool operator()(const instance& a, const instance& b) const { return a.lane < b.lane; }
  bool operator()(const instance& a, const lane_key& b) const { return a.lane < b; }
  bool operator()(const lane_key& a, const instance& b) const { return a < b.lane; }
};

// The instances of one lane, in a list that is sorted by lane.
std::span<const instance> those_of(const std::vector<instance>& sorted, const lane_key& lane) {
  auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), lane, by_lane{});
  return {first, last};
}

} // namespace

caf::result<result<done>> supervisor_state::recover() {
  auto begun = std::make_shared<recovery>();
  begun->promise = self->make_response_promise<result<done>>();
  list_engines(begun);
  return begun->promise;
}

// Absence is acted on only after a full listing of every engine.
void supervisor_state::list_engines(const std::shared_ptr<recovery>& begun) {
  for (const auto& [kind, engine] : parts->engines) {
    ++begun->listings_left;
    auto caller = spawn_engine_caller(self->home_system(), *parts, actors.unsettled, kind);
    auto listed = [this, begun, caller](result<std::vector<instance>> answer) {
      self->send_exit(caller, caf::exit_reason::user_shutdown);
      if (answer)
        std::move(answer->begin(), answer->end(), std::back_inserter(begun->running));
      else
        begun->problem = answer.error();
      if (--begun->listings_left > 0)
        return;
      std::stable_sort(begun->running.begin(), begun->running.end(), by_lane{});
      if (begun->problem)
        begun->promise.deliver(result<done>{*begun->problem});
      else
        settle_names(begun);
    };
    self->request(caller, limits::request_timeout, list_instances{})
        .then([listed](result<std::vector<instance>>& answer) { listed(std::move(answer)); },
              [listed, kind = kind](const caf::error& why) {
                error silent{errc::unavailable,
                             fmt::format("the {} engine did not list its instances", kind),
                             {}};
                listed(refusal_in(why).value_or(silent));
              });
  }
}

// Host names follow from the configuration, which may be another. If the names cannot be stored,
// the start goes on all the same, and the next one tries again.
void supervisor_state::settle_names(const std::shared_ptr<recovery>& begun) {
  auto known = parts->records->recovery_snapshot();
  if (!known)
    return begun->promise.deliver(result<done>{known.error()}), void();
  begun->known = *std::move(known);
  damaged = begun->known.damaged;
  for (const auto& [lane, why] : damaged)
    parts->log(fmt::format("lane {}/{} is left alone: {}", lane.app, lane.cluster, why.message));
  begun->hosts = settle_hosts(begun->known.hosts, wanted_hosts(*parts, begun->known));
  for (const auto& line : lines_of_nameless(begun->hosts))
    parts->log(line);
  auto names = change_of_names(begun->hosts);
  if (names.hosts.empty() && names.released_hosts.empty())
    return restore_router(begun);
  auto go_on = [this, begun](const std::string& problem) {
    if (!problem.empty())
      parts->log(fmt::format("the host names of the lanes could not be stored: {}", problem));
    restore_router(begun);
  };
  self->request(actors.writer, limits::request_timeout, std::move(names))
      .then(
          [go_on](const result<receipt>& stored) {
            go_on(stored ? std::string{} : stored.error().message);
          },
          [go_on](const caf::error& why) { go_on(caf::to_string(why)); });
}

// The router's state is derived from the store: each lane's active deployment, and those of its
// instances that run. A lane without a host name has no route.
void supervisor_state::restore_router(const std::shared_ptr<recovery>& begun) {
  restore_routes wanted{routes_of_damaged(*begun)};
  for (const auto& lane : begun->known.lanes)
    if (lane.active && !damaged.contains(lane.lane) && is_served(lane.lane))
      wanted.routes.push_back(route_of(lane, those_of(begun->running, lane.lane)));
  std::erase_if(wanted.routes,
                [&](const route& one) { return begun->hosts.without.contains(one.lane); });
  self->request(actors.routes, limits::switch_timeout, std::move(wanted))
      .then(
          [this, begun](result<done>& answer) {
            if (answer)
              resume_lanes(begun);
            else
              begun->promise.deliver(std::move(answer));
          },
          [begun](const caf::error&) {
            begun->promise.deliver(
                result<done>{error{errc::unavailable, "the router did not answer", {}}});
          });
}

route supervisor_state::route_of(const lane_record& lane, std::span<const instance> of_lane) const {
  route to{lane.lane, *lane.active, {}};
  if (of_lane.empty() || lane.stopped_at)
    return to;
  const auto active = parts->records->find(to.deployment);
  // If the record cannot be read, all that runs serves on.
  const auto names = active ? instance_names_of(*active) : std::vector<std::string>{};
  auto is_its_own = [&](const instance& one) {
    return active ? std::find(names.begin(), names.end(), one.name) != names.end()
                  : one.deployment == to.deployment;
  };
  for (const auto& one : of_lane)
    if (is_its_own(one) && one.state == instance_state::running && is_web(one.name))
      to.addresses.push_back(one.address);
  if (active && active->internals.settings)
    to.sticky = active->internals.settings->run.sticky;
  return to;
}

// Nothing is decided for them, and what serves goes on: what runs of the deployment that the lane
// has active; if the lane does not say, of the one that says so itself.
std::vector<route> supervisor_state::routes_of_damaged(const recovery& begun) const {
  std::map<lane_key, lane_record> lanes_left;
  for (const auto& lane : begun.known.lanes)
    if (damaged.contains(lane.lane))
      lanes_left[lane.lane] = lane;
  for (const auto& one : begun.running) {
    if (!damaged.contains(one.lane) || lanes_left.contains(one.lane))
      continue;
    auto owner = parts->records->find(one.deployment);
    if (owner && owner->state == state::active)
      lanes_left[one.lane] = lane_record{.lane = one.lane, .active = one.deployment};
  }
  std::vector<route> routes;
  for (const auto& [key, lane] : lanes_left)
    if (lane.active)
      routes.push_back(route_of(lane, those_of(begun.running, key)));
  return routes;
}

void supervisor_state::resume_lanes(const std::shared_ptr<recovery>& begun) {
  const auto& open = begun->known.unfinished;
  for (const auto& line : lines_of_unserved(*parts, begun->known, begun->running))
    parts->log(line);
  discard_unowned();
  for (const auto& lane : put_quiet_to_rest(*begun))
    spawn_lane(lane);
  auto how = plan_resumptions(open);
  for (const auto& [lane, owned] : lanes) {
    auto planned = how.find(lane);
    auto running = those_of(begun->running, lane);
    self->send(owned.actor,
               resume_lane{{running.begin(), running.end()},
                           true,
                           planned == how.end() ? resumption::at_once : planned->second});
  }
  recovered = true;
  parts->log(fmt::format("recovered: {} deployments go on, {} instances run, {} lanes are damaged",
                         std::count_if(open.begin(), open.end(),
                                       [this](const auto& one) { return is_served(lane_of(one)); }),
                         begun->running.size(), damaged.size()));
  resume_next();
  for (auto& answer : std::exchange(early, {}))
    answer();
  auto promise = begun->promise;
  *begun = {}; // before: whoever waits for the answer gives its memory back
  promise.deliver(result<done>{done{}});
}

// Returns the lanes that have something to do. Those that serve and have nothing to do are at rest
// from the start.
std::set<lane_key> supervisor_state::put_quiet_to_rest(const recovery& begun) {
  std::set<lane_key> busy;
  for (const auto& one : begun.known.unfinished)
    busy.insert(lane_of(one));
  for (const auto& lane : begun.known.lanes) {
    if (!lane.active || damaged.contains(lane.lane) || busy.contains(lane.lane) ||
        !is_served(lane.lane))
      continue;
    if (auto service = quiet_service(lane, those_of(begun.running, lane.lane)))
      resting.emplace(lane.lane, std::move(*service));
    else
      busy.insert(lane.lane);
  }
  // All other instances of a lane are stopped by the lane itself.
  for (const auto& one : begun.running)
    if (!damaged.contains(one.lane) && !resting.contains(one.lane))
      busy.insert(one.lane);
  return busy;
}

// The service at rest of a lane with an active deployment and nothing unfinished, if exactly the
// right instances run and its watch_period has passed; nothing otherwise.
std::optional<service_at_rest>
supervisor_state::quiet_service(const lane_record& lane, std::span<const instance> of_lane) const {
  const auto* cluster = served_cluster(*parts, lane.lane.cluster);
  auto active = parts->records->find(*lane.active);
  if (cluster == nullptr || !active || of_lane.empty() || lane.stopped_at ||
      watch_left(*active, cluster->watch_period, parts->now()) > duration::zero())
    return std::nullopt;
  const auto wanted = instance_names_of(*active);
  if (of_lane.size() != wanted.size())
    return std::nullopt;
  service_at_rest service{active->id, owner_of_instances(*active)};
  for (const auto& one_name : wanted) {
    auto found = std::find_if(of_lane.begin(), of_lane.end(), [&](const instance& one) {
      return one.state == instance_state::running && one.name == one_name;
    });
    if (found == of_lane.end())
      return std::nullopt;
    service.instances.push_back({found->address, 0, 0, one_name});
  }
  auto& engine = *parts->engines.at(cluster->engine);
  for (auto& one : service.instances)
    one.watch = actors.watches->begin(engine, one.name, actors.supervisor);
  return service;
}

// By lane. Those that have to wait for their turn are also put into `to_resume`, the one that is
// suspected most first: its next crash comes soon, and is the last that the others see of it.
std::map<lane_key, resumption>
supervisor_state::plan_resumptions(const std::vector<deployment>& unfinished) {
  std::map<lane_key, resumption> how;
  std::vector<const deployment*> waiting;
  for (const auto& one : unfinished) {
    if (!is_in_flight(one.state) || !is_served(lane_of(one)))
      continue;
    auto planned = resumption_of(one.internals.resumes, parts->crashed_before);
    how[lane_of(one)] = planned;
    if (planned == resumption::in_turn)
      waiting.push_back(&one);
    if (planned == resumption::given_up)
      parts->log(fmt::format("deployment {} of {} to {} has failed: the server crashed {} times in "
                             "a row when it resumed it",
                             one.id, one.app, one.cluster, one.internals.resumes));
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const deployment* a, const deployment* b) {
    return a->internals.resumes > b->internals.resumes;
  });
  for (const auto* one : waiting)
    to_resume.push_back(lane_of(*one));
  if (waiting.size() > 1)
    parts->log(fmt::format("the server before this one crashed: the {} deployments in flight are "
                           "resumed one after another, to find the one that crashes it",
                           waiting.size()));
  return how;
}

void supervisor_state::resume_next() {
  if (to_resume.empty())
    return;
  auto next = lanes.find(to_resume.front());
  to_resume.pop_front();
  if (next == lanes.end()) // it has ended meanwhile
    return resume_next();
  self->request(next->second.actor, limits::resume_trial + limits::request_timeout, take_turn{})
      .then([this](const result<done>&) { resume_next(); },
            [this](const caf::error&) { resume_next(); });
}

} // namespace pawl
