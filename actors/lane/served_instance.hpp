// One instance of the active deployment, as its lane keeps it up.
#pragma once

#include "actors/interfaces.hpp"

namespace pawl {

enum class service_phase : std::uint8_t {
  running,
  unhealthy,  // it runs, and its last checks failed
  restarting, // it does not run, and will be started after a pause
  starting,   // it was started again and has not passed its checks yet
};

constexpr std::string_view to_string(service_phase phase) noexcept {
  constexpr std::array<std::string_view, 4> names{"running", "unhealthy", "restarting", "starting"};
  return names[static_cast<std::size_t>(phase)];
}

struct served_instance {
  std::string name;
  std::string address = {}; // of its last life
  service_phase phase = service_phase::restarting;
  std::string detail = {};   // why it is not running, or not healthy
  std::string last_end = {}; // how its life before this one ended, if that was here
  std::uint32_t restarts = 0;
  std::uint32_t short_lives = 0; // that ended one after another
  duration backoff = limits::restart_backoff_first;
  std::uint64_t watch = 0;                 // the number of the one over its last life
  caf::actor_clock::time_point since = {}; // it runs; or, while it is restarting: its next start
  activation_worker_actor starter = {};
  health_checker_actor checker = {};

  // It has ended. Gives the pause after which it is to be started again: it doubles each time,
  // unless the life before was long.
  duration begin_pause(caf::actor_clock::time_point now, std::string why);

  // It ends again and again: what runs now may be such a life too.
  bool keeps_ending(caf::actor_clock::time_point now) const noexcept;

  // Requests may go to it.
  bool serves() const noexcept {
    return phase == service_phase::running || phase == service_phase::unhealthy;
  }
};

// As clients see it.
protocol::instance_view view_of(const served_instance& one, caf::actor_clock::time_point now);

// The same of a lane at rest, where all run.
std::vector<protocol::instance_view> views_of(const service_at_rest& service);

// How an instance ended: "exited with status 7", "was killed by signal 9", "exited", "was
// killed: it used more memory than its limit".
std::string exit_text(const instance& ended);

} // namespace pawl
