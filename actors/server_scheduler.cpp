#include "actors/server_scheduler.hpp"

#include <caf/actor_system.hpp>

namespace pawl {

namespace {

// A worker has an actor handle so many messages, then whom it has sent to has its turn.
constexpr std::size_t throughput = 64;

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
  config.set("scheduler.max-throughput", throughput);
  config.load<server_scheduler>();
}

} // namespace pawl
