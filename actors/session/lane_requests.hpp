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
  // the lane's refusal; unavailable if it does not answer within `patience`. The audit journal is
  // told of the refusal of a request that has something for it.
  template <class Answer, class Request>
  void ask(std::uint64_t ref, const find_lane& whom, duration patience, Request request,
           std::function<protocol::message(Answer&)> on_answer) {
    ask<Answer>(ref, whom, patience, std::move(request), std::move(on_answer), true);
  }

private:
  template <class Answer, class Request>
  void ask(std::uint64_t ref, const find_lane& whom, duration patience, Request request,
           std::function<protocol::message(Answer&)> on_answer, bool again);
  using told = std::optional<audit_record>;

  template <class Request>
  static told told_of(const Request& request) {
    if constexpr (requires { request.audit; })
      return request.audit;
    else
      return std::nullopt;
  }

  void with_lane(std::uint64_t ref, const find_lane& whom, const told& audit,
                 std::function<void(lane_requests_actor)> then);
  // Without what the client may not see.
  void refuse(std::uint64_t ref, const told& audit, error why) const;
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
  const auto audit = told_of(request);
  with_lane(
      ref, whom, audit,
      [this, ref, whom, patience, request = std::move(request), on_answer = std::move(on_answer),
       audit, again](const lane_requests_actor& found) {
        context_.self->request(found, patience, request)
            .then(
                [this, ref, on_answer, audit](result<Answer>& outcome) {
                  --context_.in_work;
                  if (outcome)
                    context_.answer(ref, on_answer(*outcome));
                  else
                    refuse(ref, audit, std::move(outcome).error());
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
