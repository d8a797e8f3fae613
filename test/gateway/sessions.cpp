#include "test/gateway/sessions.hpp"

#include "test/support/eventually.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

namespace pawl::test {

void census::began(const caf::actor& session, const peer& who) {
  std::lock_guard guard{mutex_};
  sessions_.push_back(session);
  peers_.push_back(who);
  changed_.notify_all();
}

void census::ended() {
  std::lock_guard guard{mutex_};
  ++ended_;
  changed_.notify_all();
}

void census::took_frame() {
  std::lock_guard guard{mutex_};
  ++frames_;
  changed_.notify_all();
}

bool census::wait(const std::function<bool()>& done) {
  std::unique_lock guard{mutex_};
  return changed_.wait_for(guard, patience, done);
}

bool census::wait_for_began(std::size_t count) {
  return wait([&] { return sessions_.size() >= count; });
}

bool census::wait_for_ended(std::size_t count) {
  return wait([&] { return ended_ >= count; });
}

bool census::wait_for_frames(std::size_t count) {
  return wait([&] { return frames_ >= count; });
}

std::size_t census::frames() const {
  std::lock_guard guard{mutex_};
  return frames_;
}

std::vector<peer> census::peers() const {
  std::lock_guard guard{mutex_};
  return peers_;
}

caf::actor census::session(std::size_t index) const {
  std::lock_guard guard{mutex_};
  return sessions_.at(index);
}

// The last handle of a session may end it here, and its end is counted under the same mutex.
void census::forget_sessions() {
  std::vector<caf::actor> forgotten;
  {
    std::lock_guard guard{mutex_};
    forgotten.swap(sessions_);
  }
}

namespace {

using session_function = caf::behavior (*)(caf::event_based_actor*, caf::actor, census*);

void watch(caf::event_based_actor* self, const caf::actor& connection, census* record) {
  self->monitor(connection);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->attach_functor([record](const caf::error&) { record->ended(); });
}

// Some 250 KiB of log lines.
std::shared_ptr<const protocol::packed_events> large_list() {
  std::vector<event> list;
  for (std::uint64_t seq = 1; seq <= 64; ++seq)
    list.push_back({seq, {}, log_event{"build", "stdout", std::string(4000, 'x')}});
  return std::make_shared<const protocol::packed_events>(list);
}

void answer(caf::event_based_actor* self, const caf::actor& connection,
            const protocol::envelope& got) {
  const auto* show = std::get_if<protocol::show_request>(&got.body);
  if (std::holds_alternative<protocol::hello>(got.body)) {
    self->send(connection, server_answer{{0, protocol::hello{protocol::version, "echo 0", {}}}});
  } else if (show != nullptr && show->deployment == "f100d") {
    const protocol::upload_chunk chunk{"d", 0, std::vector<char>(limits::chunk_bytes, 'x')};
    for (std::size_t sent = 0; sent < 64 * limits::mib; sent += limits::chunk_bytes)
      self->send(connection, server_answer{{got.ref, chunk}});
  } else if (show != nullptr && show->deployment == "sha7ed") {
    // Frames in two pieces, of which all have the second in common; more than a socket takes.
    const auto deployment = std::make_shared<const std::string>("d");
    const auto list = large_list();
    for (std::uint64_t ref = 1; ref <= 40; ++ref)
      self->send(connection, server_events{ref, deployment, list});
  } else if (show != nullptr && show->deployment == "b16") {
    protocol::app_list apps;
    apps.apps.push_back({std::string(limits::frame_bytes, 'x'), {}});
    self->send(connection, server_answer{{got.ref, std::move(apps)}});
  } else {
    self->send(connection, server_answer{got});
  }
}

caf::behavior echo(caf::event_based_actor* self, caf::actor connection, census* record) {
  watch(self, connection, record);
  return {[=](const client_request& request) {
            record->took_frame();
            answer(self, connection, request.message);
            self->send(connection, request_handled{});
          },
          [=](const unreadable_input& input) {
            record->took_frame();
            self->send(connection, server_answer{{0, protocol::refused{input.why}}});
            self->quit();
          }};
}

caf::behavior hold(caf::event_based_actor* self, caf::actor connection, census* record) {
  watch(self, connection, record);
  auto held = std::make_shared<std::size_t>(0);
  return {[=](const client_request& request) {
            if (std::holds_alternative<protocol::hello>(request.message.body)) {
              answer(self, connection, request.message);
              return self->send(connection, request_handled{});
            }
            ++*held;
            record->took_frame();
          },
          [=](release) {
            for (; *held > 0; --*held)
              self->send(connection, request_handled{});
          }};
}

caf::behavior hasty(caf::event_based_actor* self, caf::actor connection, census* record) {
  watch(self, connection, record);
  return {[=](const client_request&) {
    for (std::uint64_t i = 0; i < 300; ++i)
      self->send(connection,
                 server_answer{{i, protocol::hello{protocol::version, std::string(100, 'x'), {}}}});
    self->quit();
  }};
}

session_factory sessions_of(session_function function, caf::actor_system& system, census& record) {
  return [&, function](caf::actor connection, const peer& who) {
    auto session = system.spawn(function, std::move(connection), &record);
    record.began(session, who);
    return session;
  };
}

} // namespace

session_factory echo_sessions(caf::actor_system& system, census& record) {
  return sessions_of(echo, system, record);
}

session_factory holding_sessions(caf::actor_system& system, census& record) {
  return sessions_of(hold, system, record);
}

session_factory hasty_sessions(caf::actor_system& system, census& record) {
  return sessions_of(hasty, system, record);
}

} // namespace pawl::test
