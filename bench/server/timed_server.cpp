#include "bench/server/timed_server.hpp"

#include "actors/runtime/server_scheduler.hpp"
#include "actors/session/session.hpp"
#include "bench/server/seed.hpp"
#include "gateway/frames/unix_listener.hpp"
#include "persistence/lmdb/lmdb_store.hpp"
#include "routers/direct/direct_router.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <fmt/format.h>

#include <csignal>
#include <limits>
#include <malloc.h>
#include <random>
#include <unistd.h>

namespace pawl::bench {

namespace {

// As pawld has it.
struct timed_system_config : caf::actor_system_config {
  timed_system_config() {
    load<caf::io::middleman>();
    set_up_scheduling(*this);
  }
};

timestamp wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string new_deployment_id() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  return make_deployment_id(wall_clock(), source());
}

std::shared_ptr<const server_parts> make_timed_parts(const timed_server_plan& plan,
                                                     std::shared_ptr<store> records) {
  auto parts = std::make_shared<server_parts>();
  parts->records = std::move(records);
  parts->sources = std::make_shared<ready_sources>();
  parts->router = std::make_shared<direct_router>();
  parts->probe = std::make_shared<ready_probe>();
  parts->engines["process"] = std::make_shared<timed_engine>(plan.parts);
  cluster_settings local;
  local.name = "local";
  local.drain = duration{0};
  local.warm = duration{0};
  local.watch_period = duration{0};
  parts->clusters.push_back(local);
  parts->read_manifest = [](std::string_view, const std::optional<std::string>&) {
    return result<manifest>{seeded_manifest()};
  };
  parts->access.own_uid = ::geteuid();
  parts->now = wall_clock;
  parts->new_id = new_deployment_id;
  parts->queued_max = std::numeric_limits<std::size_t>::max(); // `accept` fills the queues
  parts->log = [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  return parts;
}

bool recover(caf::actor_system& system, const server_parts& parts, const server_actors& actors) {
  caf::scoped_actor self{system};
  bool recovered = false;
  self->request(actors.supervisor, limits::recovery_timeout, begin_recovery{})
      .receive([&](const result<done>& answer) { recovered = answer.has_value(); },
               [](const caf::error&) {});
  parts.records->release_read_pages();
  ::malloc_trim(0);
  return recovered;
}

// Without taking the actors apart, as pawld: docs/decisions/0016.
[[noreturn]] void leave(int status) {
  std::fflush(nullptr);
  ::_exit(status);
}

} // namespace

int run_timed_server(const timed_server_plan& plan) {
  sigset_t ending;
  ::sigemptyset(&ending);
  ::sigaddset(&ending, SIGTERM);
  ::sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  auto records = lmdb_store::open(plan.directory / "data" / "store");
  if (!records) {
    fmt::print(stderr, "{}\n", records.error().message);
    return 1;
  }
  timed_system_config config;
  caf::actor_system system{config};
  const auto parts = make_timed_parts(plan, std::move(*records));
  const auto actors = spawn_server(system, parts);
  auto door = gateway::listen_unix(system, plan.directory / "pawld.sock",
                                   make_session_factory(system, parts, actors));
  if (!door) {
    fmt::print(stderr, "{}\n", door.error().message);
    leave(1);
  }
  // As pawld: what the store alone can answer does not wait for it.
  if (!recover(system, *parts, actors))
    leave(1);
  int signal = 0;
  ::sigwait(&ending, &signal);
  leave(0);
}

} // namespace pawl::bench
