// The clients of a life: what they want, and how they reach the server; and what has to have become
// of it in the end.
#include "actors/session/session.hpp"
#include "test/simulation/life.hpp"

#include <caf/send.hpp>

namespace pawl::test {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t source_bytes = 100;

caf::behavior connection_of(caf::event_based_actor* self,
                            std::function<void(const result<protocol::envelope>&)> receive,
                            std::function<void()> lost) {
  return {
      [receive](const server_answer& answer) { receive(over_the_wire(answer.message)); },
      [receive](const server_events& what) { receive(over_the_wire(what)); },
      [](const request_handled&) {},
      [self, lost](const close_connection&) {
        self->quit();
        lost();
      },
  };
}

bool explains(const app_plan& plan, errc code) {
  switch (code) {
  case errc::build_failed:
    return !plan.builds;
  case errc::release_failed:
    return plan.has_release && !plan.releases;
  case errc::unhealthy:
    return plan.health != app_health::good || plan.unwell_after > duration::zero() ||
           plan.worker_exits;
  case errc::invalid_argument:
    return !plan.has_manifest;
  case errc::frozen: // it waited
    return true;
  default:
    return false;
  }
}

} // namespace

caf::actor life::connect(std::function<void(const result<protocol::envelope>&)> receive,
                         std::function<void()> lost) {
  if (!listens_ || !machine_.server_runs())
    return {};
  auto connection = machine_.system().spawn(connection_of, std::move(receive), std::move(lost));
  auto session =
      make_session_factory(machine_.system(), parts_, actors_)(connection, {"ann", 1000});
  caf::actor_cast<caf::abstract_actor*>(session)->attach_functor(
      [connection](const caf::error&) { caf::anon_send(connection, close_connection{}); });
  machine_.spare(connection.address());
  helpers_.push_back(std::move(connection));
  return session;
}

void life::plan_clients() {
  auto& random = machine_.random;
  std::vector<lane_key> lanes;
  for (const auto* app : {"shop", "blog"})
    for (const auto* cluster : {"local", "staging"})
      if (lanes.empty() || random.chance(0.5))
        lanes.push_back({app, cluster});
  auto requests = (options_.back_and_forth ? 8 : 2) + random.below(8);
  for (std::size_t i = 0; i < requests; ++i) {
    auto wanted = any_errand(random.one_of(lanes));
    auto when = random.between(0s, 60s);
    add_client(when, wanted);
    if (random.chance(machine_.sky.client_repeats))
      add_client(when + random.between(0s, 20s), wanted);
  }
}

errand life::any_errand(const lane_key& lane) {
  auto& random = machine_.random;
  auto request_id = fmt::format("r{}", random.next());
  std::optional<when_busy> policy;
  if (random.chance(options_.back_and_forth ? 0.2 : 0.7))
    policy = static_cast<when_busy>(random.below(3));
  if (!options_.back_and_forth && random.chance(0.12))
    return errand_of_processes(lane, 22 + random.below(5));
  auto what = random.below(24);
  if (options_.back_and_forth && random.chance(0.4))
    what = 0;
  if (what == 20)
    return {lane, protocol::freeze_request{lane.app, lane.cluster, "the sale", {}}};
  if (what == 21)
    return {lane, protocol::unfreeze_request{lane.app, lane.cluster}};
  if (what > 21) {
    protocol::configure_request request;
    request.request_id = request_id;
    request.app = lane.app;
    request.cluster = lane.cluster;
    request.set = {{"LEVEL", secret{fmt::format("{}", random.below(9))}}};
    request.stage = random.chance(0.3);
    request.when_busy = policy;
    return {lane, request};
  }
  if (what < 3) {
    protocol::rollback_request request;
    request.request_id = request_id;
    request.app = lane.app;
    request.cluster = lane.cluster;
    request.when_busy = policy;
    return {lane, request};
  }
  if (what < 5) {
    protocol::promote_request request;
    request.request_id = request_id;
    request.app = lane.app;
    request.cluster = lane.cluster;
    request.version = version_number{static_cast<std::uint32_t>(1 + random.below(3))};
    request.when_busy = policy;
    return {lane, request};
  }
  if (what < 9)
    return {lane, protocol::cancel_request{{}, lane.app, lane.cluster}};
  if (what == 9)
    return {lane, protocol::destroy_request{lane.app, lane.cluster}};
  protocol::deploy_request request;
  request.request_id = request_id;
  request.app = lane.app;
  request.cluster = lane.cluster;
  request.when_busy = policy;
  request.source = {digest_of(random.next(), 'a'), source_bytes, 3};
  if (random.chance(0.1))
    request.override_freeze = "it has to go live";
  return {lane, request};
}

errand life::errand_of_processes(const lane_key& lane, std::uint64_t what) {
  auto& random = machine_.random;
  if (what == 22)
    return {lane, protocol::stop_request{lane.app, lane.cluster}};
  if (what == 23)
    return {lane, protocol::start_request{lane.app, lane.cluster}};
  if (what == 24) {
    protocol::restart_request request;
    request.request_id = fmt::format("r{}", random.next());
    request.app = lane.app;
    request.cluster = lane.cluster;
    return {lane, request};
  }
  const auto count = static_cast<std::uint32_t>(random.below(4));
  return {lane, protocol::scale_request{
                    lane.app, lane.cluster, {{random.chance(0.7) ? "web" : "worker", count}}}};
}

void life::add_client(duration when, errand wanted) {
  machine_.after(when, [this, wanted = std::move(wanted)]() mutable {
    auto& random = machine_.random;
    // Some name the deployment that they want to cancel, whatever has become of it.
    auto* cancel = std::get_if<protocol::cancel_request>(&wanted.what);
    if (cancel != nullptr && !clients_world_.deployments.empty() && random.chance(0.5))
      cancel->deployment = random.one_of(clients_world_.deployments);
    auto client = std::make_shared<simulated_client>(clients_world_, std::move(wanted));
    clients_.push_back(client);
    client->begin();
    if (random.chance(machine_.sky.client_leaves))
      machine_.after(random.between(0s, 30s), [client] { client->leave(); });
  });
}

void life::check_outcomes() {
  history_query all;
  all.limit = limits::history_page_max;
  auto page = *below_->history(all);
  for (const auto& d : page.deployments) {
    machine_.count(fmt::format("{} ended {}", to_string(d.operation), to_string(d.state)));
    if (d.state != state::failed)
      continue;
    machine_.count(fmt::format("failed {}", to_string(d.error->code)));
    if (d.error->code == errc::timed_out && d.error->state == state::preparing &&
        clients_world_.uploaded.contains(d.id))
      machine_.violate(d.id + " failed for want of its source, all of which the server had taken");
    auto digest = d.internals.artifact   ? *d.internals.artifact
                  : d.internals.promised ? d.internals.promised->digest
                                         : digest_of(0, '0');
    if (fair_ && !explains(plan_of(digest), d.error->code))
      machine_.violate(fmt::format("{} failed in fair weather: {}", d.id, d.error->message));
  }
}

} // namespace pawl::test
