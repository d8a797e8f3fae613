// Small sessions for the gateway's tests, and a record of what became of them.
#pragma once

#include "actors/session.hpp"
#include "protocol/messages.hpp"

#include <caf/actor.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace pawl::test {

// Counts the sessions that begin and end, and the messages that they take. A wait has a deadline.
class census {
public:
  void began(const caf::actor& session, const peer& who);
  void ended();
  void took_frame();

  bool wait_for_began(std::size_t count);
  bool wait_for_ended(std::size_t count);
  bool wait_for_frames(std::size_t count);

  std::size_t frames() const;
  std::vector<peer> peers() const;
  caf::actor session(std::size_t index) const;
  void forget_sessions(); // drops the handles; before the actor system ends

private:
  bool wait(const std::function<bool()>& done);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<caf::actor> sessions_;
  std::vector<peer> peers_;
  std::size_t ended_ = 0;
  std::size_t frames_ = 0;
};

// Answers hello with hello, show_request of "f100d" with 64 MiB of chunks, of "sha7ed" with 10 MiB
// of events in lists that all answers share, of "b16" with an answer that no frame takes, and
// everything else with itself. Of input that it is told cannot be read it refuses what it is told,
// and ends.
session_factory echo_sessions(caf::actor_system& system, census& record);

// Answers hello with hello. Takes other requests, and says that it is done with them only when it
// is sent `release`.
struct release {};
session_factory holding_sessions(caf::actor_system& system, census& record);

// Answers the first request with 300 hellos and ends at once.
session_factory hasty_sessions(caf::actor_system& system, census& record);

} // namespace pawl::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::test::release)
