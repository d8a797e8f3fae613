#include "actors/session/lane_requests.hpp"

namespace pawl {

void lane_requests::with_lane(std::uint64_t ref, const find_lane& whom, const told& audit,
                              std::function<void(lane_requests_actor)> then) {
  if (!context_.may_work(ref))
    return;
  ++context_.in_work;
  if (auto known = known_.find(whom.lane); known != known_.end())
    return then(known->second);
  context_.self->request(context_.actors.supervisor, limits::request_timeout, whom)
      .then(
          [this, ref, lane = whom.lane, audit,
           then = std::move(then)](result<lane_requests_actor>& found) {
            if (found) {
              if (known_.size() >= limits::follows_per_session)
                known_.clear();
              return then(known_[lane] = *found);
            }
            --context_.in_work;
            refuse(ref, audit, std::move(found).error());
          },
          [this, ref](const caf::error&) {
            --context_.in_work;
            context_.refuse(ref, {errc::unavailable, "the server is busy; try again", {}});
          });
}

void lane_requests::refuse(std::uint64_t ref, const told& audit, error why) const {
  why = concealed(context_, std::move(why));
  if (audit)
    context_.refuse_and_tell(ref, *audit, std::move(why));
  else
    context_.refuse(ref, std::move(why));
}

void lane_requests::refuse_lost(std::uint64_t ref) const {
  context_.refuse(ref, {errc::unavailable,
                        "the lane did not answer in time; look with pawl status, and try again",
                        {}});
}

} // namespace pawl
