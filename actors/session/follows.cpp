#include "actors/session/follows.hpp"

#include "actors/journal/log_viewer.hpp"
#include "actors/session/listing.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>

namespace pawl {

void follows::begin(std::uint64_t ref, const protocol::follow_request& request) {
  auto id = context_.records().resolve(request.deployment);
  if (!id)
    return context_.refuse(ref, std::move(id).error());
  if (!may_follow(ref))
    return;
  auto made = context_.self->spawn<caf::monitored + caf::linked>(
      viewer, context_.parts->records, context_.actors.journal, *id, request.from, request.credit,
      viewer_output{events_to(ref, *id), last_answer_to(ref)});
  viewers_[ref] = made;
}

// The lane that the request names, or that of the deployment, of which it gets the whole id.
result<lane_key> follows::lane_of_logs(protocol::logs_request& request) const {
  if (!request.deployment.empty()) {
    auto asked = listing::show(context_.records(), request.deployment);
    if (!asked)
      return std::move(asked).error();
    request.deployment = asked->id;
    return lane_of(*asked);
  }
  lane_key lane{request.app, request.cluster};
  auto known = listing::known_lane(context_.records(), lane);
  if (!known)
    return std::move(known).error();
  return lane;
}

void follows::begin(std::uint64_t ref, protocol::logs_request request) {
  auto lane = lane_of_logs(request);
  if (!lane)
    return context_.refuse(ref, std::move(lane).error());
  const auto* settings = served_cluster(*context_.parts, lane->cluster);
  if (settings == nullptr)
    return context_.refuse(
        ref, {errc::not_found,
              fmt::format("this server has no cluster \"{}\" any more", lane->cluster),
              {{"cluster", lane->cluster}}});
  if (!may_follow(ref))
    return;
  auto made = context_.self->spawn<caf::monitored + caf::linked>(
      log_viewer,
      log_viewer_parts{context_.parts->records, context_.actors.journal,
                       context_.actors.log_readers.at(settings->engine)},
      std::move(*lane), std::move(request), answers_to(ref));
  viewers_[ref] = made;
}

void follows::give_credit(std::uint64_t ref, const protocol::follow_credit& credit) {
  // A credit for what has been sent to its end is late, not wrong.
  if (auto viewer = viewers_.find(ref); viewer != viewers_.end())
    context_.self->send(viewer->second, viewer_credit{credit.events});
}

void follows::end(follow_ended& what) {
  viewers_.erase(what.ref);
  context_.answer(what.ref, std::move(what.last));
}

void follows::forget(const caf::actor_addr& viewer) {
  std::erase_if(viewers_, [&](const auto& entry) { return entry.second.address() == viewer; });
}

bool follows::may_follow(std::uint64_t ref) const {
  if (viewers_.size() < limits::follows_per_session && !viewers_.contains(ref))
    return true;
  context_.refuse(ref, {errc::resource_exhausted,
                        fmt::format("one connection follows at most {} journals and logs",
                                    limits::follows_per_session),
                        {}});
  return false;
}

// For viewers, which answer in the session's stead, from their own threads.
std::function<void(protocol::message)> follows::answers_to(std::uint64_t ref) const {
  return [ref, to = context_.connection](protocol::message body) {
    caf::anon_send(to, server_answer{{ref, std::move(body)}});
  };
}

std::function<void(protocol::message)> follows::last_answer_to(std::uint64_t ref) const {
  return [ref, to = caf::actor{context_.self}](protocol::message body) {
    caf::anon_send(to, follow_ended{ref, std::move(body)});
  };
}

std::function<void(const viewer_output::packed&)> follows::events_to(std::uint64_t ref,
                                                                     std::string deployment) const {
  return [ref, deployment = std::make_shared<const std::string>(std::move(deployment)),
          to = context_.connection](const viewer_output::packed& list) {
    caf::anon_send(to, server_events{ref, deployment, list});
  };
}

} // namespace pawl
