#include "actors/supervisor.hpp"

#include "actors/own_thread.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace pawl {

namespace {

error no_such_cluster(const server_parts& parts, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& one : parts.clusters)
    names.push_back(one.name);
  return {errc::not_found,
          fmt::format("this server has no cluster \"{}\"; it has {}", name, fmt::join(names, ", ")),
          {{"cluster", name}}};
}

error never_used(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("{} was never deployed to {}; pawl apps shows what there is", lane.app,
                      lane.cluster),
          {{"app", lane.app}, {"cluster", lane.cluster}}};
}

std::vector<instance> of_lane(const std::vector<instance>& all, const lane_key& lane) {
  std::vector<instance> ours;
  std::copy_if(all.begin(), all.end(), std::back_inserter(ours),
               [&](const instance& one) { return one.lane == lane; });
  return ours;
}

} // namespace

supervisor_state::~supervisor_state() {
  for (const auto& [lane, owned] : lanes)
    caf::anon_send_exit(owned.actor, caf::exit_reason::kill);
  for (const auto& one : shared)
    caf::anon_send_exit(one.address<caf::actor>(), caf::exit_reason::kill);
}

result<deployment_actor> supervisor_state::spawn_lane(const lane_key& lane) {
  auto made = parts_of_lane(self->home_system(), lane, parts, actors);
  if (!made)
    return no_such_cluster(*parts, lane.cluster);
  auto actor = self->spawn<caf::monitored>(deployment_lane, lane, std::move(*made));
  auto& owned = lanes[lane];
  owned.actor = actor;
  owned.since = self->clock().now();
  return actor;
}

result<deployment_actor> supervisor_state::find(const find_lane& what) {
  if (auto unsound = damaged.find(what.lane); unsound != damaged.end())
    return unsound->second;
  auto known = lanes.find(what.lane);
  if (known != lanes.end())
    return known->second.actor;
  if (find_cluster(*parts, what.lane.cluster) == nullptr)
    return no_such_cluster(*parts, what.lane.cluster);
  if (what.which == lane_search::running)
    return never_used(what.lane);
  if (what.which == lane_search::used) {
    auto stored = parts->records->lane(what.lane);
    if (!stored)
      return std::move(stored).error();
    if (stored->revision == 0)
      return never_used(what.lane);
  }
  auto made = spawn_lane(what.lane);
  // A lane that recovery did not bring up has nothing in flight and nothing that serves.
  if (made && recovered)
    self->send(*made, resume_lane{});
  return made;
}

caf::result<result<done>> supervisor_state::recover() {
  auto begun = std::make_shared<recovery>();
  begun->promise = self->make_response_promise<result<done>>();
  list_engines(begun);
  return begun->promise;
}

// Absence is acted on only after a full listing of every engine.
void supervisor_state::list_engines(const std::shared_ptr<recovery>& begun) {
  std::set<std::string> kinds;
  for (const auto& cluster : parts->clusters) {
    if (!kinds.insert(cluster.engine).second)
      continue;
    ++begun->listings_left;
    auto hand = spawn_hand(self->home_system(), *parts, cluster);
    auto listed = [this, begun, hand](result<std::vector<instance>> answer) {
      self->send_exit(hand, caf::exit_reason::user_shutdown);
      if (answer)
        begun->running.insert(begun->running.end(), answer->begin(), answer->end());
      else
        begun->problem = answer.error();
      if (--begun->listings_left > 0)
        return;
      if (begun->problem)
        begun->promise.deliver(result<done>{*begun->problem});
      else
        restore_router(begun);
    };
    self->request(hand, limits::request_timeout, list_instances{})
        .then([listed](result<std::vector<instance>>& answer) { listed(std::move(answer)); },
              [listed, kind = cluster.engine](const caf::error& why) {
                error silent{errc::unavailable,
                             fmt::format("the {} engine did not list its instances", kind),
                             {}};
                listed(refusal_in(why).value_or(silent));
              });
  }
}

// The router's state is derived from the store: each lane's active deployment, and those of its
// instances that run.
void supervisor_state::restore_router(const std::shared_ptr<recovery>& begun) {
  auto known = parts->records->what_stands();
  if (!known)
    return begun->promise.deliver(result<done>{known.error()}), void();
  begun->known = *std::move(known);
  damaged = begun->known.damaged;
  for (const auto& [lane, why] : damaged)
    parts->log(fmt::format("lane {}/{} is left alone: {}", lane.app, lane.cluster, why.message));
  restore_routes wanted{routes_of_damaged(*begun)};
  for (const auto& lane : begun->known.lanes)
    if (lane.active && !damaged.contains(lane.lane) &&
        find_cluster(*parts, lane.lane.cluster) != nullptr)
      wanted.routes.push_back(route_of(lane, begun->running));
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

route supervisor_state::route_of(const lane_record& lane,
                                 const std::vector<instance>& running) const {
  route to{lane.lane, *lane.active, {}};
  for (const auto& one : running)
    if (one.deployment == to.deployment && one.state == instance_state::running)
      to.addresses.push_back(one.address);
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
      routes.push_back(route_of(lane, begun.running));
  return routes;
}

void supervisor_state::resume_lanes(const std::shared_ptr<recovery>& begun) {
  const auto& open = begun->known.unfinished;
  std::set<lane_key> busy;
  for (const auto& lane : begun->known.lanes)
    if (lane.active && !damaged.contains(lane.lane))
      busy.insert(lane.lane);
  for (const auto& one : open)
    busy.insert(lane_of(one));
  // What else runs, its lane stops.
  for (const auto& one : begun->running)
    if (find_cluster(*parts, one.lane.cluster) != nullptr && !damaged.contains(one.lane))
      busy.insert(one.lane);
  discard_unowned(open);
  for (const auto& lane : busy) {
    if (auto made = find({lane}); !made)
      parts->log(fmt::format("lane {}/{}: {}", lane.app, lane.cluster, made.error().message));
  }
  auto how = plan_resumptions(open);
  for (const auto& [lane, owned] : lanes) {
    auto planned = how.find(lane);
    self->send(owned.actor,
               resume_lane{of_lane(begun->running, lane), true,
                           planned == how.end() ? resumption::at_once : planned->second});
  }
  recovered = true;
  resume_next();
  begun->promise.deliver(result<done>{done{}});
}

// By lane. Those that have to wait for their turn are also put into `to_resume`, the one that is
// suspected most first: its next crash comes soon, and is the last that the others see of it.
std::map<lane_key, resumption>
supervisor_state::plan_resumptions(const std::vector<deployment>& unfinished) {
  std::map<lane_key, resumption> how;
  std::vector<const deployment*> waiting;
  for (const auto& one : unfinished) {
    if (!is_in_flight(one.state))
      continue;
    auto planned = resumption_of(one.internals.resumes, parts->crashed_before);
    how[lane_of(one)] = planned;
    if (planned == resumption::in_turn)
      waiting.push_back(&one);
    if (planned == resumption::given_up)
      parts->log(fmt::format("deployment {} of {} to {} is given up: the server crashed {} times "
                             "in a row when it went on with it",
                             one.id, one.app, one.cluster, one.internals.resumes));
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const deployment* a, const deployment* b) {
    return a->internals.resumes > b->internals.resumes;
  });
  for (const auto* one : waiting)
    to_resume.push_back(lane_of(*one));
  if (waiting.size() > 1)
    parts->log(fmt::format("the server before this one crashed: the {} deployments in flight are "
                           "resumed one after another, to see which one does it",
                           waiting.size()));
  return how;
}

void supervisor_state::resume_next() {
  if (to_resume.empty())
    return;
  auto next = lanes.find(to_resume.front());
  to_resume.pop_front();
  if (next == lanes.end()) // of a cluster that is not configured any more
    return resume_next();
  self->request(next->second.actor, limits::resume_trial + limits::request_timeout, take_turn{})
      .then([this](const result<done>&) { resume_next(); },
            [this](const caf::error&) { resume_next(); });
}

// Uploads and builds of deployments that ended when nobody could remove them: at a crash, or with a
// lane that died. What is unfinished needs its own, or removes it itself.
void supervisor_state::discard_unowned(const std::vector<deployment>& unfinished) {
  std::set<std::string> owners;
  for (const auto& one : unfinished)
    owners.insert(one.id);
  std::set<std::string> kinds;
  for (const auto& cluster : parts->clusters) {
    if (!kinds.insert(cluster.engine).second)
      continue;
    auto hand = spawn_hand(self->home_system(), *parts, cluster);
    self->request(hand, limits::request_timeout, list_leftovers{})
        .then(
            [this, hand, owners](const std::vector<std::string>& found) {
              discard_unowned_of(hand, owners, found);
            },
            [this, hand](const caf::error&) {
              self->send_exit(hand, caf::exit_reason::user_shutdown);
            });
  }
}

void supervisor_state::discard_unowned_of(const engine_hand_actor& hand,
                                          const std::set<std::string>& owners,
                                          const std::vector<std::string>& found) {
  // A deployment that began since then has its record by now.
  for (const auto& id : found) {
    auto known = parts->records->find(id);
    bool over = known ? is_settled(known->state) : known.error().code == errc::not_found;
    if (!owners.contains(id) && over)
      caf::anon_send(hand, discard_work{id});
  }
  // Behind the orders in its mailbox.
  self->request(hand, limits::stop_timeout_max, list_leftovers{})
      .then(
          [this, hand](const std::vector<std::string>&) {
            self->send_exit(hand, caf::exit_reason::user_shutdown);
          },
          [this, hand](const caf::error&) {
            self->send_exit(hand, caf::exit_reason::user_shutdown);
          });
}

bool supervisor_state::lose_shared(const caf::down_msg& down) {
  auto lost = std::find_if(shared.begin(), shared.end(),
                           [&](const shared_actor& one) { return one.present() == down.source; });
  if (lost == shared.end())
    return false;
  auto pause = lost->pause_after_death(self->clock().now());
  parts->log(fmt::format("the {} ended ({}); another takes its place in {} ms", lost->name(),
                         caf::to_string(down.reason), pause.count()));
  revive_shared again{static_cast<std::size_t>(lost - shared.begin())};
  if (pause == duration::zero())
    revive(again);
  else
    self->delayed_send(self, pause, again);
  return true;
}

void supervisor_state::revive(const revive_shared& what) {
  auto& one = shared[what.which];
  if (one.replace(self->clock().now()))
    return self->monitor(one.present());
  self->delayed_send(self, one.pause_after_death(self->clock().now()), what);
}

void supervisor_state::lose(const caf::down_msg& down) {
  if (lose_shared(down))
    return;
  auto lost = std::find_if(lanes.begin(), lanes.end(), [&](const auto& entry) {
    return entry.second.actor.address() == down.source;
  });
  if (lost == lanes.end())
    return;
  if (!down.reason) { // it had nothing to do any more
    lanes.erase(lost);
    return;
  }
  auto& owned = lost->second;
  if (self->clock().now() - owned.since > limits::restart_backoff_max)
    owned.backoff = limits::restart_backoff_first;
  parts->log(fmt::format("lane {}/{} ended ({}); it is brought back from the store in {} ms",
                         lost->first.app, lost->first.cluster, caf::to_string(down.reason),
                         owned.backoff.count()));
  self->delayed_send(self, owned.backoff, revive_lane{lost->first});
  owned.backoff = std::min<duration>(owned.backoff * 2, limits::restart_backoff_max);
}

// Not before the store has decided on all that its predecessor had sent there: an empty change
// comes back behind it. A lane that read the store earlier would not know of a deployment that it
// has.
void supervisor_state::revive(const revive_lane& what) {
  self->request(actors.writer, limits::request_timeout, change{})
      .then([this, what](const result<receipt>&) { bring_back(what); },
            [this, what](const caf::error&) {
              self->delayed_send(self, limits::restart_backoff_first, what);
            });
}

// As after a crash: what the store says, and what the engine says that runs.
void supervisor_state::bring_back(const revive_lane& what) {
  auto made = spawn_lane(what.lane);
  const auto* cluster = find_cluster(*parts, what.lane.cluster);
  if (!made || cluster == nullptr)
    return;
  auto hand = spawn_hand(self->home_system(), *parts, *cluster);
  auto ended = [this, hand] { self->send_exit(hand, caf::exit_reason::user_shutdown); };
  // What its predecessor had still to remove.
  if (auto open = parts->records->unfinished({}))
    discard_unowned(*open);
  self->request(hand, limits::request_timeout, list_instances{})
      .then(
          [this, ended, lane = what.lane, actor = *made](const result<std::vector<instance>>& all) {
            ended();
            if (all)
              self->send(actor, resume_lane{of_lane(*all, lane)});
            else
              self->send_exit(actor, caf::exit_reason::kill);
          },
          [this, ended, actor = *made](const caf::error&) {
            ended();
            self->send_exit(actor, caf::exit_reason::kill);
          });
}

supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           std::shared_ptr<const server_parts> parts, server_actors actors,
           std::vector<shared_actor> shared) {
  auto& state = self->state;
  state.self = self;
  state.parts = std::move(parts);
  state.actors = std::move(actors);
  state.shared = std::move(shared);
  for (const auto& one : state.shared)
    self->monitor(one.present());
  self->set_down_handler([self](const caf::down_msg& down) { self->state.lose(down); });
  return {
      [self](const find_lane& what) { return self->state.find(what); },
      [self](const begin_recovery&) { return self->state.recover(); },
      [self](const revive_lane& what) { self->state.revive(what); },
      [self](const revive_shared& what) { self->state.revive(what); },
  };
}

} // namespace pawl
