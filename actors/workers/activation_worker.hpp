// Starts a deployment's instances beside those that serve, and waits until they are healthy.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/runtime/owner_watch.hpp"
#include "lifecycle/health.hpp"

#include <functional>

namespace pawl {

// Makes an engine caller. Each instance that is probed gets its own, so that a slow instance delays
// no other.
using caller_maker = std::function<engine_caller_actor()>;

// engine::watch() of the same engine.
using exit_watch = std::function<void(const std::string&, std::function<void(instance)>)>;

struct activation_worker_state {
  static inline const char* name = "activation_worker";

  struct candidate {
    instance running;
    health_policy health{1};
    check_pace pace{limits::health_interval};
    engine_caller_actor caller;
    std::string misplaced; // where it listened at the last look, if that was not where it should
    std::string last_detail;
    bool last_ok = false;
    bool answered = false; // the last check
    bool noted = false;
    std::uint32_t events = 0;  // noted
    std::uint64_t counted = 0; // answers that were news and are not noted yet
    duration settle = {};      // of one that is not checked: healthy when it has run for so long
  };

  asking_pointer<activation_worker_actor, activation_worker_state> self;
  caller_maker make_caller;
  exit_watch watch;
  lane_reports_actor lane;
  owner_watch owner;
  activation_order order;
  caf::typed_response_promise<result<std::vector<instance>>> promise;
  engine_caller_actor starter;
  std::vector<candidate> candidates;
  bool starting = false;       // the starter has an order
  bool told_misplaced = false; // of one instance: the others run the same command
  bool looked_for_open = false;
  std::optional<result<std::vector<instance>>> outcome;

  caf::result<result<std::vector<instance>>> activate(const activation_order& wanted);
  engine_caller_actor new_caller();
  void start_next();
  void started(instance running);
  void begin_checks();
  void probe(std::size_t index);
  void settled(std::size_t index);
  void conclude_if_healthy();
  void checked(std::size_t index, const probe_answer& answer);
  bool is_worth_a_look(const probe_answer& answer);
  void look(std::size_t index, std::function<void(const listening_places&)> then);
  void tell_places(std::size_t index, const probe_answer& answer, const listening_places& places);
  void judge(std::size_t index, const probe_answer& answer);
  void lose(const instance_exited& what);
  void give_up();
  void fail_unhealthy(const std::string& advice);
  void stop(const caf::exit_msg& why);
  void finish(result<std::vector<instance>> with);
  void conclude();
  void note(event_body body);
  void warn(std::string message);
  void note_health(candidate& seen, const probe_answer& answer);
  void note_counted();
};

// Does one activation, and ends after its answer. It answers also when it is stopped, and always
// after its last call of the engine has returned. An instance that exits is not started again, so
// it ends the activation at once. Times are measured with the actor system's clock.
activation_worker_actor::behavior_type
activation_worker(asking_pointer<activation_worker_actor, activation_worker_state> self,
                  caller_maker make_caller, exit_watch watch, lane_reports_actor lane);

} // namespace pawl
