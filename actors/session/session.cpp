#include "actors/session/session.hpp"

#include <caf/send.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pawl {

namespace {

constexpr std::string_view our_side = "pawld " PAWL_VERSION;

} // namespace

template <class Unexpected>
void session_state::handle(std::uint64_t, const Unexpected& request) {
  end_with({errc::invalid_argument,
            fmt::format("a client does not send {}", protocol::kind(request)),
            {}});
}

void session_state::receive(protocol::envelope& message) {
  if (scanning)
    waiting.push_back(std::move(message)); // no more than frames_in_work: none is handled yet
  else
    take(message);
}

void session_state::take(protocol::envelope& message) {
  if (!greeted)
    return greet(message);
  // A part of an upload is handled when its bytes are on disk, a scan when it is answered: that
  // bounds what a fast client can pile up.
  bool later = std::holds_alternative<protocol::upload_chunk>(message.body);
  std::visit([&](auto& body) { handle(message.ref, body); }, message.body);
  if (!later && !scanning)
    request_is_handled();
}

void session_state::take_waiting() {
  while (!scanning && !waiting.empty()) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    take(next);
  }
  if (!scanning && unreadable)
    end_with(*std::exchange(unreadable, std::nullopt));
}

void session_state::end_unreadable(error why) {
  if (scanning)
    unreadable = std::move(why);
  else
    end_with(std::move(why));
}

void session_state::greet(const protocol::envelope& first) {
  const auto* theirs = std::get_if<protocol::hello>(&first.body);
  if (theirs == nullptr)
    return end_with({errc::invalid_argument, "the first frame of a connection is hello", {}});
  if (auto speaks = protocol::check_version(*theirs, our_side); !speaks)
    return end_with(std::move(speaks).error());
  greeted = true;
  answer(first.ref, protocol::hello{protocol::version, std::string{our_side}, {}});
  request_is_handled();
}

void session_state::answer(std::uint64_t ref, protocol::message body) {
  self->send(connection, server_answer{{ref, std::move(body)}});
}

void session_state::refuse(std::uint64_t ref, error why) {
  answer(ref, protocol::refused{std::move(why)});
}

void session_state::end_with(error why) {
  waiting.clear();
  unreadable.reset();
  refuse(0, std::move(why));
  self->send(connection, close_connection{});
  quit();
}

// With a reason: a link takes no notice of an end without one, and the viewers would live on.
void session_state::quit() {
  reads->end();
  self->quit(caf::exit_reason::user_shutdown);
}

void session_state::request_is_handled() {
  self->send(connection, request_handled{});
}

result<std::string> session_state::cluster_or_only(const std::string& named) const {
  if (!named.empty())
    return named;
  if (parts->clusters.size() == 1)
    return parts->clusters.front().name;
  std::vector<std::string> names;
  for (const auto& one : parts->clusters)
    names.push_back(one.name);
  return error{errc::invalid_argument,
               fmt::format("this server has several clusters: say which with -C ({})",
                           fmt::join(names, ", ")),
               {}};
}

bool session_state::may_work(std::uint64_t ref, std::size_t busy) {
  if (busy < limits::requests_in_work)
    return true;
  refuse(ref, {errc::resource_exhausted,
               fmt::format("this connection has {} requests that were not answered yet", busy),
               {}});
  return false;
}

bool session_state::may_follow(std::uint64_t ref) {
  if (followers.size() < limits::follows_per_session && !followers.contains(ref))
    return true;
  refuse(ref, {errc::resource_exhausted,
               fmt::format("one connection follows at most {} journals and logs",
                           limits::follows_per_session),
               {}});
  return false;
}

// For actors that answer in the session's stead, from their own threads.
std::function<void(protocol::message)> session_state::answers_to(std::uint64_t ref) const {
  return [ref, to = connection](protocol::message body) {
    caf::anon_send(to, server_answer{{ref, std::move(body)}});
  };
}

std::function<void(protocol::message)> session_state::last_answer_to(std::uint64_t ref) const {
  return [ref, to = caf::actor{self}](protocol::message body) {
    caf::anon_send(to, follow_ended{ref, std::move(body)});
  };
}

std::function<void(const viewer_output::packed&)>
session_state::events_to(std::uint64_t ref, std::string deployment) const {
  return [ref, deployment = std::make_shared<const std::string>(std::move(deployment)),
          to = connection](const viewer_output::packed& list) {
    caf::anon_send(to, server_events{ref, deployment, list});
  };
}

void session_state::with_lane(std::uint64_t ref, const find_lane& whom,
                              std::function<void(lane_requests_actor)> then) {
  if (!may_work(ref))
    return;
  ++in_work;
  if (auto known = lanes.find(whom.lane); known != lanes.end())
    return then(known->second);
  self->request(actors.supervisor, limits::request_timeout, whom)
      .then(
          [this, ref, lane = whom.lane,
           then = std::move(then)](result<lane_requests_actor>& found) {
            if (found) {
              if (lanes.size() >= limits::follows_per_session)
                lanes.clear();
              return then(lanes[lane] = *found);
            }
            --in_work;
            refuse(ref, std::move(found).error());
          },
          [this, ref](const caf::error&) {
            --in_work;
            refuse(ref, {errc::unavailable, "the server is busy; try again", {}});
          });
}

caf::behavior session(caf::stateful_actor<session_state, asking<caf::event_based_actor>>* self,
                      std::shared_ptr<const server_parts> parts, server_actors actors,
                      caf::actor connection, peer who) {
  auto& state = self->state;
  state.self = self;
  state.reads.emplace(self, parts->records);
  state.parts = std::move(parts);
  state.actors = std::move(actors);
  state.connection = connection;
  state.who = std::move(who);
  self->monitor(connection);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (down.source == self->state.connection)
      return self->state.quit();
    std::erase_if(self->state.followers,
                  [&](const auto& entry) { return entry.second.address() == down.source; });
  });
  self->set_default_handler(caf::drop);
  return {
      [self](client_request& request) { self->state.receive(request.message); },
      [self](unreadable_input& input) { self->state.end_unreadable(std::move(input.why)); },
      [self](follow_ended& what) {
        self->state.followers.erase(what.ref);
        self->state.answer(what.ref, std::move(what.last));
      },
  };
}

session_factory make_session_factory(caf::actor_system& system,
                                     std::shared_ptr<const server_parts> parts,
                                     server_actors actors) {
  return [&system, parts = std::move(parts),
          actors = std::move(actors)](const caf::actor& connection, const peer& who) {
    return system.spawn(session, parts, actors, connection, who);
  };
}

} // namespace pawl
