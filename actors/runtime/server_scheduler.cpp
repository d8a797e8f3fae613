#include "actors/runtime/server_scheduler.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <thread>

#include <malloc.h>

namespace pawl {

namespace {

// A worker has an actor handle so many messages, then whom it has sent to has its turn.
constexpr std::size_t scheduler_throughput = 64;

// glibc makes an arena for each of the first threads, eight for each processor. Here are many
// threads, and what one of them takes another gives back: each arena would grow to what all need.
void share_memory_arenas() {
  const auto processors = std::max(1U, std::thread::hardware_concurrency());
  ::mallopt(M_ARENA_MAX, static_cast<int>(processors));
}

} // namespace

server_scheduler::server_scheduler(caf::actor_system& system)
    : coordinator(system), clock_(coordinator::clock()), blocking_(system) {}

caf::actor_system::module* server_scheduler::make(caf::actor_system& system,
                                                  caf::detail::type_list<>) {
  return new server_scheduler{system}; // the system owns its modules
}

void server_scheduler::start() {
  coordinator::start();
  clock_.start(system());
}

void server_scheduler::stop() {
  blocking_.stop();
  clock_.stop();
  coordinator::stop();
}

void set_up_scheduling(caf::actor_system_config& config) {
  share_memory_arenas();
  config.set("scheduler.max-throughput", scheduler_throughput);
  config.load<server_scheduler>();
}

} // namespace pawl
