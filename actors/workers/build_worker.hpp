// Runs an app's build and release commands.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/workers/journal_lines.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace pawl {

// How many builds may run at once on this machine; the others wait for their turn. Any thread.
class build_slots {
public:
  explicit build_slots(std::size_t free) : free_(free) {}

  // Waits for a slot; false if `stop` was asked for first.
  bool acquire(const std::stop_token& stop);
  void release();

private:
  std::mutex mutex_;
  std::condition_variable_any freed_;
  std::size_t free_;
};

struct build_worker_parts {
  std::shared_ptr<pawl::engine> engine;
  std::shared_ptr<build_slots> slots;
  store_writer_actor writer;
  std::function<timestamp()> now;
};

struct build_worker_state {
  static inline const char* name = "build_worker";

  blocking_pointer<build_worker_actor, build_worker_state> self;
  build_worker_parts parts;

  result<done> build(const build_order& order);
  result<artifact> push(const push_order& order);
  result<done> run_release(const release_order& order);

private:
  journal_lines lines_for(const std::string& deployment, std::string step);
  result<done> build_into(const build_order& order, journal_lines& lines);
};

// Blocks while the command runs: to be spawned by spawn_with_thread(). The DeploymentActor monitors
// it.
build_worker_actor::behavior_type
build_worker(blocking_pointer<build_worker_actor, build_worker_state> self,
             build_worker_parts parts);

} // namespace pawl
