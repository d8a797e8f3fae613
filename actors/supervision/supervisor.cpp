#include "actors/supervision/supervisor.hpp"

#include "actors/lane/refusals.hpp"
#include "actors/supervision/unserved_lanes.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace pawl {

std::vector<instance> instances_of(const std::vector<instance>& all, const lane_key& lane) {
  std::vector<instance> ours;
  std::copy_if(all.begin(), all.end(), std::back_inserter(ours),
               [&](const instance& one) { return one.lane == lane; });
  return ours;
}

supervisor_state::~supervisor_state() {
  for (const auto& [lane, owned] : lanes)
    caf::anon_send_exit(owned.actor, caf::exit_reason::kill);
  for (const auto& one : shared)
    caf::anon_send_exit(one.address<caf::actor>(), caf::exit_reason::kill);
}

bool supervisor_state::is_served(const lane_key& lane) const {
  return served_cluster(*parts, lane.cluster) != nullptr;
}

deployment_actor supervisor_state::spawn_lane(const lane_key& lane) {
  auto actor = self->spawn<caf::monitored>(deployment_lane, lane,
                                           parts_of_lane(self->home_system(), lane, parts, actors));
  auto& owned = lanes[lane];
  owned.actor = actor;
  owned.since = self->clock().now();
  return actor;
}

// Until the server has recovered it is not known which lanes there are, and which of them are
// damaged.
template <class Answer>
caf::result<result<Answer>> supervisor_state::when_recovered(std::function<result<Answer>()> ask) {
  if (recovered)
    return ask();
  auto promise = self->make_response_promise<result<Answer>>();
  early.emplace_back([promise, ask = std::move(ask)]() mutable { promise.deliver(ask()); });
  return promise;
}

result<lane_requests_actor> supervisor_state::find(const find_lane& what) {
  if (auto unsound = damaged.find(what.lane); unsound != damaged.end())
    return unsound->second;
  if (!is_served(what.lane))
    return not_served(*parts, what.lane.cluster);
  auto known = lanes.find(what.lane);
  if (known != lanes.end())
    return lane_requests_actor{known->second.actor};
  if (resting.contains(what.lane))
    return lane_requests_actor{wake(what.lane)};
  if (what.which == lane_search::used) {
    auto stored = parts->records->lane(what.lane);
    if (!stored)
      return std::move(stored).error();
    if (stored->revision == 0)
      return never_deployed(what.lane);
  }
  auto made = spawn_lane(what.lane);
  // A lane that recovery did not bring up has nothing in flight and nothing that serves.
  if (recovered)
    self->send(made, resume_lane{});
  return lane_requests_actor{made};
}

result<lane_presence> supervisor_state::look_at(const lane_key& lane) const {
  if (auto unsound = damaged.find(lane); unsound != damaged.end())
    return unsound->second;
  if (auto known = lanes.find(lane); known != lanes.end())
    return lane_presence{known->second.actor};
  auto rests = resting.find(lane);
  return rests == resting.end() ? lane_presence{} : lane_presence{{}, rests->second};
}

// The last that its actor has sent: whatever bounces off that one comes later.
void supervisor_state::put_to_rest(const lane_rests& what) {
  auto known = lanes.find(what.lane);
  auto sender = caf::actor_cast<caf::actor_addr>(self->current_sender());
  if (known == lanes.end() || known->second.actor.address() != sender)
    return;
  self->demonitor(known->second.actor.address());
  lanes.erase(known);
  resting[what.lane] = what.service;
}

deployment_actor supervisor_state::wake(const lane_key& lane) {
  auto made = spawn_lane(lane);
  self->send(made, resume_lane{.rested = std::move(resting.extract(lane).mapped())});
  return made;
}

// Passes the report on to the instance's lane, and starts the lane if it is at rest. A lane that
// has died lists its instances when it comes back, so a report of its watches is of no use to it.
void supervisor_state::pass_on(const instance_exited& what) {
  auto lane = what.what.lane;
  if (lane.app.empty()) { // the engine has nothing left of it but its name
    auto owner = parts->records->find(deployment_of_instance(what.what.name));
    if (!owner)
      return;
    lane = lane_of(*owner);
  }
  if (auto rests = resting.find(lane); rests != resting.end()) {
    const auto& watched = rests->second.instances;
    if (std::none_of(watched.begin(), watched.end(),
                     [&](const watched_life& one) { return one.watch == what.watch; }))
      return;
    wake(lane);
  }
  auto known = lanes.find(lane);
  if (known == lanes.end())
    return;
  self->request(known->second.actor, limits::request_timeout, what)
      .then([] {},
            [this, what, lane, asked = known->second.actor.address()](const caf::error&) {
              auto now = lanes.find(lane);
              if (now == lanes.end() || now->second.actor.address() != asked)
                pass_on(what);
            });
}

// Removes uploads and builds of deployments that ended when nobody could remove them: at a crash,
// or with a lane that died. Unfinished deployments need theirs, or remove them.
void supervisor_state::discard_unowned() {
  const auto unfinished = parts->records->unfinished({});
  if (!unfinished)
    return discard_unowned_later();
  std::set<std::string> owners;
  for (const auto& one : *unfinished)
    owners.insert(one.id);
  for (const auto& [kind, engine] : parts->engines) {
    auto caller = spawn_engine_caller(self->home_system(), *parts, actors.unsettled, kind);
    self->request(caller, limits::request_timeout, list_leftovers{})
        .then(
            [this, caller, owners](const std::vector<std::string>& found) {
              discard_unowned_of(caller, owners, found);
            },
            [this, caller](const caf::error&) {
              self->send_exit(caller, caf::exit_reason::user_shutdown);
              discard_unowned_later();
            });
  }
}

// Tries again after a pause: the store failed, the engine caller died, or there was no thread for
// it. Otherwise the files would stay until the next start.
void supervisor_state::discard_unowned_later() {
  self->delayed_send(self, limits::retry_pause, discard_unowned_due{});
}

void supervisor_state::discard_unowned_of(const engine_caller_actor& caller,
                                          const std::set<std::string>& owners,
                                          const std::vector<std::string>& found) {
  // A deployment that began since then has its record by now.
  for (const auto& id : found) {
    auto known = parts->records->find(id);
    bool over = known ? is_settled(known->state) : known.error().code == errc::not_found;
    if (!owners.contains(id) && over)
      caf::anon_send(caller, discard_work{id});
  }
  // Behind the orders in its mailbox.
  self->request(caller, limits::stop_timeout_max, list_leftovers{})
      .then(
          [this, caller](const std::vector<std::string>&) {
            self->send_exit(caller, caf::exit_reason::user_shutdown);
          },
          [this, caller](const caf::error&) {
            self->send_exit(caller, caf::exit_reason::user_shutdown);
            discard_unowned_later();
          });
}

bool supervisor_state::lose_shared(const caf::down_msg& down) {
  auto lost = std::find_if(shared.begin(), shared.end(),
                           [&](const shared_actor& one) { return one.present() == down.source; });
  if (lost == shared.end())
    return false;
  auto pause = lost->pause_after_death(self->clock().now());
  parts->log(fmt::format("the {} stopped ({}); it is started again in {} ms", lost->name(),
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
  parts->log(fmt::format("lane {}/{} stopped ({}); it is started again from the store in {} ms",
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
      .then([this, what](const result<receipt>&) { bring_back_after_switches(what); },
            [this, what](const caf::error&) {
              self->delayed_send(self, limits::restart_backoff_first, what);
            });
}

// Nor while a switch of its predecessor is under way: the lane may cancel the deployment, which the
// router would come to send requests to. Where the router takes too long, or its keeper has died,
// the lane goes on, and has the deployment leave the router.
void supervisor_state::bring_back_after_switches(const revive_lane& what) {
  self->request(actors.routes, limits::switch_timeout, await_switches{})
      .then([this, what](const result<done>&) { bring_back(what); },
            [this, what](const caf::error&) { bring_back(what); });
}

// As after a crash: what the store says, and what the engine says that runs.
void supervisor_state::bring_back(const revive_lane& what) {
  auto made = spawn_lane(what.lane);
  auto caller = spawn_engine_caller(self->home_system(), *parts, actors.unsettled,
                                    settings_of_lane(*parts, what.lane).engine);
  auto ended = [this, caller] { self->send_exit(caller, caf::exit_reason::user_shutdown); };
  // Removes what the lane's predecessor had not removed yet, and what calls of its workers, which
  // end with it, have made since.
  discard_unowned();
  self->delayed_send(self, limits::request_timeout, discard_unowned_due{});
  self->request(caller, limits::request_timeout, list_instances{})
      .then(
          [this, ended, lane = what.lane, actor = made](const result<std::vector<instance>>& all) {
            ended();
            if (all)
              self->send(actor, resume_lane{instances_of(*all, lane)});
            else
              self->send_exit(actor, caf::exit_reason::kill);
          },
          [this, ended, actor = made](const caf::error&) {
            ended();
            self->send_exit(actor, caf::exit_reason::kill);
          });
}

supervisor_actor::behavior_type supervisor(asking_pointer<supervisor_actor, supervisor_state> self,
                                           std::shared_ptr<const server_parts> parts,
                                           server_actors actors, std::vector<shared_actor> shared) {
  auto& state = self->state;
  state.self = self;
  state.parts = std::move(parts);
  state.actors = std::move(actors);
  state.actors.supervisor = supervisor_actor{self};
  state.shared = std::move(shared);
  for (const auto& one : state.shared)
    self->monitor(one.present());
  self->set_down_handler([self](const caf::down_msg& down) { self->state.lose(down); });
  return {
      [self](const find_lane& what) {
        return self->state.when_recovered<lane_requests_actor>(
            [self, what] { return self->state.find(what); });
      },
      [self](const look_at_lane& what) {
        return self->state.when_recovered<lane_presence>(
            [self, what] { return self->state.look_at(what.lane); });
      },
      [self](const instance_exited& what) { self->state.pass_on(what); },
      [self](const lane_rests& what) { self->state.put_to_rest(what); },
      [self](const begin_recovery&) { return self->state.recover(); },
      [self](const revive_lane& what) { self->state.revive(what); },
      [self](const revive_shared& what) { self->state.revive(what); },
      [self](const discard_unowned_due&) { self->state.discard_unowned(); },
  };
}

} // namespace pawl
