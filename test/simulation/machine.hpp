// The computer that a simulated server runs on: one thread, virtual time, and one seed for every
// random decision: which actor runs next, how long a call takes, which call fails, when the server
// dies. Equal seeds give equal traces.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/result.hpp"
#include "test/simulation/stacks.hpp"
#include "test/simulation/weather.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <fmt/format.h>

#include <map>
#include <new>
#include <optional>
#include <set>

namespace pawl::test {

class machine {
public:
  enum class tracing { digest, text };

  machine(std::uint64_t seed, tracing how);
  ~machine();
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  caf::actor_system& system() { return *system_; }

  dice random;
  weather sky = calm();

  // --- time

  duration now() const; // since the machine began
  timestamp wall() const { return boot + now() + wall_offset_; }
  void shift_wall(duration by) { wall_offset_ += by; }
  void after(duration wait, std::function<void()> what);

  // --- what happens

  // Does one thing: a step of an actor, the end of a wait, or the next timer. False if there is
  // nothing left to do.
  bool step();

  // Runs the actors until none has a message, in their order, without letting time pass.
  void drain();

  // The timers of the actors never fire.
  void drop_timers() { scheduler_.clock().cancel_all(); }

  // This actor is not killed at random.
  void spare(const caf::actor_addr& who) { spared_.insert(who.id()); }

  // --- the server process

  // Between crash() and boot_server() every call has no effect and fails: the process that would
  // make it does not exist.
  bool server_runs() const { return server_runs_; }
  void crash(std::string_view why);
  void boot_server() { server_runs_ = true; }

  // A call that the server makes: notes it, lets it take time, and gives the result of `effect`, or
  // fails before or after the effect.
  template <class T>
  result<T> call(const call_weather& how, const std::string& what,
                 const std::function<result<T>()>& effect);

  // Within a call: lets this time pass for the caller.
  void pass(duration time);

  // The N-th call from now on fails, counted from 1, for the anomaly loop; call_has_failed() tells
  // whether there was such a call.
  void fail_call(std::size_t number) { fails_at_ = number > 0 ? calls_ + number : 0; }
  bool call_has_failed() const { return fails_at_ > 0 && calls_ >= fails_at_; }

  // --- what is known of it afterwards

  void note(std::string_view what);
  void count(const std::string& what) { ++counts_[what]; }
  void violate(std::string what);
  const std::vector<std::string>& violations() const { return violations_; }
  const std::map<std::string, std::size_t>& counts() const { return counts_; }
  std::uint64_t digest() const { return digest_; }
  const std::string& text() const { return text_; }

private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  static constexpr timestamp boot{std::chrono::hours{24 * 365 * 50}};

  void run_job(std::size_t index);
  void end_wait(std::uint64_t which);
  void note_job(const caf::local_actor& who);
  bool pass_to_next_timer();
  void maybe_kill();
  void mix(std::string_view what);

  config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator& scheduler_;
  caf::actor_clock::time_point began_;
  duration wall_offset_ = {};
  stacks stacks_;
  std::multimap<caf::actor_clock::time_point, std::function<void()>> agenda_;
  std::map<std::uint64_t, stacks::stack*> waiting_; // in calls, by the number of the wait
  std::vector<std::uint64_t> ready_;                // waits that are over
  std::uint64_t waits_ = 0;
  std::set<caf::actor_id> spared_;
  bool server_runs_ = false;
  bool draining_ = false;
  std::size_t calls_ = 0;
  std::size_t fails_at_ = 0;
  tracing tracing_;
  std::uint64_t digest_ = 0xcbf29ce484222325U;
  std::string text_;
  std::vector<std::string> violations_;
  std::map<std::string, std::size_t> counts_;
};

template <class T>
result<T> machine::call(const call_weather& how, const std::string& what,
                        const std::function<result<T>()>& effect) {
  static const error dead{errc::internal, "the server has crashed", {}};
  auto wait = [&] {
    if (random.chance(how.slow))
      pass(random.between({}, how.most));
    if (random.chance(how.very_slow))
      pass(random.between({}, how.most * 10));
    if (random.chance(sky.crash_in_call))
      crash("in " + what);
    if (server_runs_ && random.chance(sky.throws)) {
      note("in " + what + ": an exception");
      count("exceptions");
      throw std::bad_alloc{};
    }
  };
  if (!server_runs_)
    return dead;
  note(what);
  bool counted = ++calls_ == fails_at_;
  wait();
  if (!server_runs_)
    return dead;
  if (random.chance(how.fails) || counted) {
    note(what + ": fails");
    count("failed calls");
    return error{errc::unavailable, what + ": the simulation lets it fail", {}};
  }
  auto outcome = effect();
  wait();
  if (!server_runs_)
    return dead;
  if (random.chance(how.loses)) {
    note(what + ": its answer is lost");
    count("lost answers");
    return error{errc::unavailable, what + ": the simulation loses the answer", {}};
  }
  return outcome;
}

} // namespace pawl::test
