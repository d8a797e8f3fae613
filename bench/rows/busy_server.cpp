#include "bench/rows/busy_server.hpp"

#include "bench/server/seed.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <fmt/format.h>

namespace pawl::bench {

namespace {

server_plan busy_plan(const workplace& place, bool counted) {
  const auto directory = place.fresh("busy");
  const auto records = expect(lmdb_store::open(directory / "data" / "store"));
  seed_lanes_with_two_versions(*records, busy_server::lanes);
  auto how = timed_server_plan_in(place, directory,
                                  {.build = std::chrono::hours{1},
                                   .running = busy_server::lanes,
                                   .first_running = busy_server::lanes});
  how.counted = counted;
  how.where = processors::first;
  return how;
}

// Whether the lane's deploy has come to its build, after which nothing more is written of it.
bool is_building(client::server_link& link, const lane_key& lane) {
  protocol::status_request question;
  question.app = lane.app;
  const auto answer = ask(link, question);
  const auto* found = std::get_if<protocol::lane_list>(&answer);
  return found != nullptr && found->lanes.size() == 1 && found->lanes.front().in_flight &&
         found->lanes.front().in_flight->state == state::building;
}

} // namespace

protocol::message deploy_of(const std::string& app, const std::string& request_id) {
  protocol::deploy_request request;
  request.app = app;
  request.cluster = "local";
  request.request_id = request_id;
  request.message = "Say what the second button does, and why";
  request.source = {"sha256:" + std::string(64, 'a'), 1, 1};
  return request;
}

busy_server::busy_server(const workplace& place, bool counted)
    : server_(place, busy_plan(place, counted)) {
  const auto link = server_.connect();
  for (std::size_t n = 0; n < lanes; ++n) {
    const auto answer = ask(*link, deploy_of(seeded_lane(n).app, fmt::format("held-{}", n)));
    if (const auto* refusal = std::get_if<protocol::refused>(&answer))
      throw std::runtime_error(refusal->error.message);
  }
  for (std::size_t n = 0; n < lanes; ++n)
    if (!test::eventually([&] { return is_building(*link, seeded_lane(n)); }))
      throw std::runtime_error("a deploy does not come to its build");
}

std::function<protocol::message(std::size_t, std::size_t)> busy_server::rollbacks(when_busy policy,
                                                                                  bool own_lanes) {
  return [policy, own_lanes, run = ++runs_](std::size_t client, std::size_t number) {
    protocol::rollback_request request;
    request.app = seeded_lane(own_lanes ? client : 0).app;
    request.cluster = "local";
    request.version = version_number{1};
    request.request_id = fmt::format("rollback-{}-{}-{}", run, client, number);
    request.message = "The old one was nicer";
    request.when_busy = policy;
    return protocol::message{std::move(request)};
  };
}

} // namespace pawl::bench
