// A session for each connection: asks the lanes or the store what the client asks, and answers. It
// decides nothing. Its contract with the listener is actors/session.hpp.
#pragma once

#include "actors/journal/viewer.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/session.hpp"
#include "actors/session/store_reads.hpp"
#include "actors/supervision/server.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <deque>
#include <map>

namespace pawl {

// INTERNAL. The viewer of that request has ended; and the last that it tells the client. It goes by
// way of the session: a client that has it may follow another journal at once, and the session
// knows then that it follows one less.
struct follow_ended {
  std::uint64_t ref = 0;
  protocol::message last;
};

struct session_state {
  static inline const char* name = "session";

  struct open_source {
    source_worker_actor worker;
    std::uint64_t bytes = 0; // of the whole source
  };

  caf::event_based_actor* self = nullptr;
  std::shared_ptr<const server_parts> parts;
  server_actors actors;
  caf::actor connection;
  peer who;
  bool greeted = false;
  std::size_t in_work = 0;                         // requests that were not answered yet
  std::map<std::string, open_source> uploads;      // by deployment; those that are not complete
  std::map<std::uint64_t, sender_actor> followers; // by the ref of their request
  // The lanes that the SUPERVISOR has named; if one has ended since, it is asked again. No more
  // than a session follows.
  std::map<lane_key, lane_requests_actor> lanes;
  std::optional<store_reads> reads; // from its birth on
  // While the store is scanned for a request, those that come behind it wait.
  bool scanning = false;
  std::deque<protocol::envelope> waiting;
  std::optional<error> unreadable; // what came behind those is no message

  void receive(protocol::envelope& message);
  void take(protocol::envelope& message);
  void take_waiting();
  void end_unreadable(error why);
  void greet(const protocol::envelope& first);

  // One for each message that a client may send (session_requests.cpp).
  void handle(std::uint64_t ref, const protocol::deploy_request& request);
  void handle(std::uint64_t ref, protocol::upload_chunk& chunk);
  void handle(std::uint64_t ref, const protocol::follow_request& request);
  void handle(std::uint64_t ref, const protocol::follow_credit& credit);
  void handle(std::uint64_t ref, const protocol::logs_request& request);
  void handle(std::uint64_t ref, const protocol::cancel_request& request);
  void handle(std::uint64_t ref, const protocol::rollback_request& request);
  void handle(std::uint64_t ref, const protocol::promote_request& request);
  void handle(std::uint64_t ref, const protocol::show_request& request);
  void handle(std::uint64_t ref, const protocol::status_request& request);
  void handle(std::uint64_t ref, const protocol::history_request& request);
  void handle(std::uint64_t ref, const protocol::versions_request& request);
  void handle(std::uint64_t ref, const protocol::apps_request& request);
  void handle(std::uint64_t ref, const protocol::clusters_request& request);
  void handle(std::uint64_t ref, const protocol::ping& request);
  void handle(std::uint64_t ref, const protocol::pong& request);
  void handle(std::uint64_t ref, const protocol::hello& request);
  template <class Unexpected>
  void handle(std::uint64_t ref, const Unexpected& request);

  void answer(std::uint64_t ref, protocol::message body);
  void refuse(std::uint64_t ref, error why);
  void end_with(error why);
  void request_is_handled();
  void quit();
  bool may_work(std::uint64_t ref) { return may_work(ref, in_work); }
  bool may_work(std::uint64_t ref, std::size_t busy);
  bool may_follow(std::uint64_t ref);
  std::function<void(protocol::message)> answers_to(std::uint64_t ref) const;
  std::function<void(protocol::message)> last_answer_to(std::uint64_t ref) const;
  std::function<void(const viewer_output::packed&)> events_to(std::uint64_t ref,
                                                              std::string deployment) const;

  result<std::string> cluster_or_only(const std::string& named) const;
  void with_lane(std::uint64_t ref, const find_lane& whom,
                 std::function<void(lane_requests_actor)> then);
  template <class Answer, class Request>
  void ask_lane(std::uint64_t ref, const find_lane& whom, duration patience, Request request,
                std::function<protocol::message(Answer&)> on_answer, bool again = true);
  // Reads the store, and takes no further request before it is answered: a connection's answers
  // keep the order of its requests.
  template <class Answer, class Request>
  void scan(std::uint64_t ref, Request request, std::function<void(Answer&)> then) {
    auto begun = reads->read<Answer>(std::move(request),
                                     [this, ref, then = std::move(then)](result<Answer>& outcome) {
                                       scanning = false;
                                       if (outcome)
                                         then(*outcome);
                                       else
                                         refuse(ref, std::move(outcome).error());
                                       request_is_handled();
                                       take_waiting();
                                     });
    scanning = begun.has_value();
    if (!begun)
      refuse(ref, std::move(begun).error());
  }
  struct status_page;
  void describe_lanes(std::uint64_t ref, const std::shared_ptr<status_page>& page);
  void describe_lane_of(const std::shared_ptr<status_page>& page, std::size_t index,
                        std::function<void()> then, bool again = true);
  void describe_the_rest(std::uint64_t ref, const std::shared_ptr<status_page>& page);
  void forget_complete(const std::string& id, std::uint64_t reached);
};

caf::behavior session(caf::stateful_actor<session_state, asking<caf::event_based_actor>>* self,
                      std::shared_ptr<const server_parts> parts, server_actors actors,
                      caf::actor connection, peer who);

// A listener calls it for each new connection.
session_factory make_session_factory(caf::actor_system& system,
                                     std::shared_ptr<const server_parts> parts,
                                     server_actors actors);

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::follow_ended)
