// The journals and logs that a session's client follows.
#pragma once

#include "actors/journal/viewer.hpp"
#include "actors/session/session_context.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <functional>
#include <map>

namespace pawl {

// INTERNAL. The viewer of that request has ended; and the last that it tells the client. It goes by
// way of the session: a client that has it may follow another journal at once, and the session
// knows then that it follows one less.
struct follow_ended {
  std::uint64_t ref = 0;
  protocol::message last;
};

class follows {
public:
  // The context outlives this.
  explicit follows(session_context& context) : context_(context) {}

  void begin(std::uint64_t ref, const protocol::follow_request& request);
  void begin(std::uint64_t ref, protocol::logs_request request);
  void give_credit(std::uint64_t ref, const protocol::follow_credit& credit);

  void end(follow_ended& what);
  void forget(const caf::actor_addr& viewer); // it has died

private:
  result<lane_key> lane_of_logs(protocol::logs_request& request) const;
  bool may_follow(std::uint64_t ref) const;
  std::function<void(protocol::message)> answers_to(std::uint64_t ref) const;
  std::function<void(protocol::message)> last_answer_to(std::uint64_t ref) const;
  std::function<void(const viewer_output::packed&)> events_to(std::uint64_t ref,
                                                              std::string deployment) const;

  session_context& context_;
  std::map<std::uint64_t, sender_actor> viewers_; // by the ref of their request
};

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::follow_ended)
