// The scheduler of the server's actors.
#pragma once

#include "actors/runtime/blocking_threads.hpp"
#include "actors/runtime/compact_clock.hpp"
#include "actors/runtime/work_queue.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/scheduler/coordinator.hpp>

namespace pawl {

// Workers that share one queue, threads for the actors that block, and a clock that drops timeouts
// that nobody waits for any more.
class server_scheduler final : public caf::scheduler::coordinator<work_queue> {
public:
  explicit server_scheduler(caf::actor_system& system);

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);

  compact_clock& clock() noexcept override { return clock_; }
  blocking_threads& blocking() { return blocking_; }

protected:
  void start() override;
  void stop() override;

private:
  compact_clock clock_;
  blocking_threads blocking_;
};

// Makes a system use it, and limits the process to one memory arena for each processor.
void set_up_scheduling(caf::actor_system_config& config);

} // namespace pawl
