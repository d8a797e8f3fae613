// How a session asks the lanes what its client asks of them.
#pragma once

#include "actors/session/authorization.hpp"
#include "actors/session/session_context.hpp"

#include <functional>
#include <map>

namespace pawl {

class lane_requests {
public:
  // The context outlives this.
  explicit lane_requests(session_context& context) : context_(context) {}

  // Asks a lane, and answers the request `ref` with what `on_answer` makes of a success, or with
  // the lane's refusal; unavailable if it does not answer within `patience`.
  template <class Answer, class Request>
  void ask(std::uint64_t ref, const find_lane& whom, duration patience, Request request,
           std::function<protocol::message(Answer&)> on_answer) {
    ask<Answer>(ref, whom, patience, std::move(request), std::move(on_answer), true);
  }

private:
  template <class Answer, class Request>
  void ask(std::uint64_t ref, const find_lane& whom, duration patience, Request request,
           std::function<protocol::message(Answer&)> on_answer, bool again);
  void with_lane(std::uint64_t ref, const find_lane& whom,
                 std::function<void(lane_requests_actor)> then);
  void refuse_lost(std::uint64_t ref) const;

  session_context& context_;
  // The lanes that the SUPERVISOR has named; if one has ended since, it is asked again. No more
  // than a session follows.
  std::map<lane_key, lane_requests_actor> known_;
};

// A lane that had nothing to do may have ended just before: then its successor is asked, once.
template <class Answer, class Request>
void lane_requests::ask(std::uint64_t ref, const find_lane& whom, duration patience,
                        Request request, std::function<protocol::message(Answer&)> on_answer,
                        bool again) {
  with_lane(
      ref, whom,
      [this, ref, whom, patience, request = std::move(request), on_answer = std::move(on_answer),
       again](const lane_requests_actor& found) {
        context_.self->request(found, patience, request)
            .then(
                [this, ref, on_answer](result<Answer>& outcome) {
                  --context_.in_work;
                  if (outcome)
                    context_.answer(ref, on_answer(*outcome));
                  else
                    context_.refuse(ref, concealed(context_, std::move(outcome).error()));
                },
                [this, ref, whom, patience, request, on_answer, again](const caf::error& why) {
                  --context_.in_work;
                  known_.erase(whom.lane);
                  if (again && why == caf::sec::request_receiver_down)
                    return ask<Answer>(ref, whom, patience, request, on_answer, false);
                  refuse_lost(ref);
                });
      });
}

} // namespace pawl
