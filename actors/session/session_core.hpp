// The parts of one session, put together, and the order of its requests.
#pragma once

#include "actors/session/authentication.hpp"
#include "actors/session/follows.hpp"
#include "actors/session/freezing.hpp"
#include "actors/session/lane_requests.hpp"
#include "actors/session/lane_status.hpp"
#include "actors/session/store_reads.hpp"
#include "actors/session/token_requests.hpp"
#include "actors/session/uploads.hpp"

#include <deque>
#include <optional>

namespace pawl {

// INTERNAL. The token of this session was revoked.
struct credential_revoked_now {};
// INTERNAL. The credential of this session may have expired.
struct credential_due {};

class session_core {
public:
  // `self` is the session, and outlives this.
  session_core(caf::event_based_actor* self, std::shared_ptr<const server_parts> parts,
               server_actors actors, caf::actor connection, peer who);
  session_core(const session_core&) = delete;
  session_core& operator=(const session_core&) = delete;

  void receive(protocol::envelope& message);
  // The client sent what is no message: the session ends, once the requests before it are answered.
  void end_unreadable(error why);
  // Refuses, closes the connection, and ends the session.
  void end_with(error why);
  void quit();

  // Ends the session if the credential has expired.
  void look_at_credential();

  session_context& context() { return context_; }
  pawl::lane_requests& lane_requests() { return lane_requests_; }
  pawl::lane_status& lane_status() { return lane_status_; }
  pawl::uploads& uploads() { return uploads_; }
  pawl::follows& follows() { return follows_; }
  pawl::token_requests& token_requests() { return token_requests_; }
  pawl::freezing& freezing() { return freezing_; }

  // Reads the store, and takes no further request before it is answered: a connection's answers
  // keep the order of its requests.
  template <class Answer, class Request>
  void scan(std::uint64_t ref, Request request, std::function<void(Answer&)> then);

private:
  void take(protocol::envelope& message);
  void take_waiting();
  void greet(const protocol::envelope& first);
  // Takes no further request before the KEY KEEPER has answered.
  void ask_for_holder(std::uint64_t ref, const secret& shown);
  // Ends the session; a bad credential is counted in the audit journal.
  void refuse_login(error reason);
  // Answers the greeting, or refuses the login.
  void welcome(std::uint64_t ref, result<authenticated> known);
  // As one of its user's; resource_exhausted if they have too many.
  result<void> count_connection(const authenticated& known);
  // In whose name the session speaks from now on.
  result<void> speak_for(authenticated known);
  // Does what the message asks for: session_requests.cpp.
  void handle(protocol::envelope& message);

  peer from_;
  session_context context_;
  store_reads reads_;
  pawl::lane_requests lane_requests_;
  pawl::lane_status lane_status_;
  pawl::uploads uploads_;
  pawl::follows follows_;
  pawl::token_requests token_requests_;
  std::shared_ptr<void> token_watch_; // while the session speaks by a token
  pawl::freezing freezing_;
  std::shared_ptr<void> counted_; // among the connections of its user, from the greeting on
  bool greeted_ = false;
  // While the store is scanned for a request, or a token is checked, those that come behind wait.
  bool busy_ = false;
  std::deque<protocol::envelope> waiting_;
  std::optional<error> unreadable_; // the input behind those
};

template <class Answer, class Request>
void session_core::scan(std::uint64_t ref, Request request, std::function<void(Answer&)> then) {
  auto begun = reads_.read<Answer>(std::move(request),
                                   [this, ref, then = std::move(then)](result<Answer>& outcome) {
                                     busy_ = false;
                                     if (outcome)
                                       then(*outcome);
                                     else
                                       context_.refuse(ref, std::move(outcome).error());
                                     context_.request_is_handled();
                                     take_waiting();
                                   });
  busy_ = begun.has_value();
  if (!begun)
    context_.refuse(ref, std::move(begun).error());
}

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::credential_revoked_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::credential_due)
