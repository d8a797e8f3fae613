// One handler for each message that a client may send.
#include "actors/journal/log_viewer.hpp"
#include "actors/journal/viewer.hpp"
#include "actors/session/listing.hpp"
#include "actors/session/session.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

// A cancel answers when the deployment has stopped: at the latest by force, and after its
// instances.
constexpr duration cancel_patience =
    limits::cancelling_deadline + limits::stop_timeout + limits::request_timeout;

error lost_lane() {
  return {errc::unavailable,
          "the lane did not answer in time; look with pawl status, and try again",
          {}};
}

} // namespace

// Asks a lane and answers with what `on_answer` makes of a success, or with its refusal. A lane
// that had nothing to do may have ended just before: then its successor is asked.
template <class Answer, class Request>
void session_state::ask_lane(std::uint64_t ref, const find_lane& whom, duration patience,
                             Request request, std::function<protocol::message(Answer&)> on_answer,
                             bool again) {
  with_lane(
      ref, whom,
      [this, ref, whom, patience, request = std::move(request), on_answer = std::move(on_answer),
       again](const lane_requests_actor& found) {
        self->request(found, patience, request)
            .then(
                [this, ref, on_answer](result<Answer>& outcome) {
                  --in_work;
                  if (outcome)
                    answer(ref, on_answer(*outcome));
                  else
                    refuse(ref, std::move(outcome).error());
                },
                [this, ref, whom, patience, request, on_answer, again](const caf::error& why) {
                  --in_work;
                  lanes.erase(whom.lane);
                  if (again && why == caf::sec::request_receiver_down)
                    return ask_lane<Answer>(ref, whom, patience, request, on_answer, false);
                  refuse(ref, lost_lane());
                });
      });
}

void session_state::handle(std::uint64_t ref, const protocol::deploy_request& request) {
  auto cluster = cluster_or_only(request.cluster);
  if (!cluster)
    return refuse(ref, std::move(cluster).error());
  if (uploads.size() >= limits::uploads_at_once)
    return refuse(ref, {errc::resource_exhausted,
                        fmt::format("one connection has at most {} uploads that are not complete",
                                    limits::uploads_at_once),
                        {}});
  ask_lane<admitted>(ref, {{request.app, *cluster}}, limits::request_timeout,
                     start_deploy{request, who.name}, [this](admitted& how) {
                       if (how.uploads)
                         uploads[how.deployment.id] = {how.uploads, how.upload_bytes};
                       return protocol::accepted{how.deployment, how.upload_offset};
                     });
}

void session_state::handle(std::uint64_t ref, protocol::upload_chunk& chunk) {
  auto upload = uploads.find(chunk.deployment);
  if (upload == uploads.end()) {
    refuse(ref, {errc::invalid_argument,
                 fmt::format("no upload of deployment {} was opened on this connection",
                             chunk.deployment),
                 {}});
    return request_is_handled();
  }
  self->request(upload->second.worker, limits::request_timeout,
                append_upload{chunk.deployment, chunk.offset, std::move(chunk.bytes)})
      .then(
          [this, ref, id = chunk.deployment](result<std::uint64_t>& reached) {
            if (reached) {
              forget_complete(id, *reached);
              answer(ref, protocol::upload_progress{id, *reached});
            } else {
              refuse(ref, std::move(reached).error());
            }
            request_is_handled();
          },
          // The deployment needs no more of its source: it has ended, or the rest came another way.
          [this, ref, id = chunk.deployment](const caf::error&) {
            uploads.erase(id);
            refuse(ref, {errc::unavailable,
                         fmt::format("deployment {} takes no more of its source", id),
                         {{"deployment", id}}});
            request_is_handled();
          });
}

void session_state::forget_complete(const std::string& id, std::uint64_t reached) {
  if (auto upload = uploads.find(id); upload != uploads.end() && reached >= upload->second.bytes)
    uploads.erase(upload);
}

void session_state::handle(std::uint64_t ref, const protocol::follow_request& request) {
  auto id = parts->records->resolve(request.deployment);
  if (!id)
    return refuse(ref, std::move(id).error());
  if (!may_follow(ref))
    return;
  auto made = self->spawn<caf::monitored + caf::linked>(
      viewer, parts->records, actors.journal, *id, request.from, request.credit,
      viewer_output{events_to(ref, *id), last_answer_to(ref)});
  followers[ref] = made;
}

void session_state::handle(std::uint64_t ref, const protocol::logs_request& request) {
  auto cluster = cluster_or_only(request.cluster);
  if (!cluster)
    return refuse(ref, std::move(cluster).error());
  lane_key lane{request.app, *cluster};
  auto known = listing::known_lane(*parts->records, lane);
  if (!known)
    return refuse(ref, std::move(known).error());
  const auto* settings = find_cluster(*parts, *cluster);
  if (settings == nullptr)
    return refuse(ref, {errc::not_found,
                        fmt::format("this server has no cluster \"{}\" any more", *cluster),
                        {{"cluster", *cluster}}});
  if (!may_follow(ref))
    return;
  auto made = self->spawn<caf::monitored + caf::linked>(
      log_viewer,
      log_viewer_parts{parts->records, actors.journal, actors.log_readers.at(settings->engine)},
      lane, request, answers_to(ref));
  followers[ref] = made;
}

void session_state::handle(std::uint64_t ref, const protocol::follow_credit& credit) {
  // A credit for what has been sent to its end is late, not wrong.
  if (auto follower = followers.find(ref); follower != followers.end())
    self->send(follower->second, viewer_credit{credit.events});
}

void session_state::handle(std::uint64_t ref, const protocol::cancel_request& request) {
  cancel_deployment what{{}, who.name};
  lane_key lane;
  if (request.deployment) {
    auto known = listing::show(*parts->records, *request.deployment);
    if (!known)
      return refuse(ref, std::move(known).error());
    what.deployment = known->id;
    lane = lane_of(*known);
  } else {
    auto cluster = cluster_or_only(request.cluster);
    if (!cluster)
      return refuse(ref, std::move(cluster).error());
    lane = {request.app, *cluster};
  }
  ask_lane<deployment>(ref, {lane, lane_search::used}, cancel_patience, what,
                       [](deployment& stopped) { return protocol::shown{std::move(stopped)}; });
}

void session_state::handle(std::uint64_t ref, const protocol::rollback_request& request) {
  auto cluster = cluster_or_only(request.cluster);
  if (!cluster)
    return refuse(ref, std::move(cluster).error());
  find_lane lane{{request.app, *cluster}, lane_search::used};
  if (request.plan_only)
    return ask_lane<protocol::planned>(ref, lane, limits::request_timeout,
                                       plan_rollback{request.version},
                                       [](protocol::planned& plan) { return std::move(plan); });
  ask_lane<admitted>(ref, lane, limits::request_timeout,
                     start_release{operation::rollback, request.request_id, request.version,
                                   request.message, request.when_busy, who.name},
                     [](admitted& how) {
                       return protocol::accepted{how.deployment, 0};
                     });
}

void session_state::handle(std::uint64_t ref, const protocol::promote_request& request) {
  auto cluster = cluster_or_only(request.cluster);
  if (!cluster)
    return refuse(ref, std::move(cluster).error());
  ask_lane<admitted>(ref, {{request.app, *cluster}}, limits::request_timeout,
                     start_release{operation::promote, request.request_id, request.version,
                                   request.message, request.when_busy, who.name},
                     [](admitted& how) {
                       return protocol::accepted{how.deployment, 0};
                     });
}

void session_state::handle(std::uint64_t ref, const protocol::show_request& request) {
  auto known = listing::show(*parts->records, request.deployment);
  if (!known)
    return refuse(ref, std::move(known).error());
  answer(ref, protocol::shown{std::move(*known)});
}

void session_state::handle(std::uint64_t ref, const protocol::history_request& request) {
  scan<protocol::history_list>(
      ref, request, [this, ref](protocol::history_list& page) { answer(ref, std::move(page)); });
}

void session_state::handle(std::uint64_t ref, const protocol::versions_request& request) {
  scan<protocol::version_list>(
      ref, request, [this, ref](protocol::version_list& list) { answer(ref, std::move(list)); });
}

void session_state::handle(std::uint64_t ref, const protocol::apps_request&) {
  auto list = listing::apps(*parts->records);
  if (!list)
    return refuse(ref, std::move(list).error());
  answer(ref, std::move(*list));
}

void session_state::handle(std::uint64_t ref, const protocol::clusters_request&) {
  protocol::cluster_list list;
  for (const auto& one : parts->clusters)
    list.clusters.push_back({one.name, one.engine, one.when_busy});
  answer(ref, std::move(list));
}

void session_state::handle(std::uint64_t ref, const protocol::ping&) {
  answer(ref, protocol::pong{});
}

// The connection has noted that the peer lives.
void session_state::handle(std::uint64_t, const protocol::pong&) {}

void session_state::handle(std::uint64_t, const protocol::hello&) {
  end_with({errc::invalid_argument, "hello is sent once, first", {}});
}

} // namespace pawl
