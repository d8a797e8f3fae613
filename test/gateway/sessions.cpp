#include "test/gateway/sessions.hpp"

#include "protocol/msgpack/codec.hpp"

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
  return changed_.wait_for(guard, std::chrono::seconds{20}, done);
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

outbound_frame frame_of(std::uint64_t ref, protocol::message body) {
  return {*protocol::encode({ref, std::move(body)})};
}

void answer(caf::event_based_actor* self, const caf::actor& connection,
            const protocol::envelope& got) {
  const auto* show = std::get_if<protocol::show_request>(&got.body);
  if (std::holds_alternative<protocol::hello>(got.body)) {
    self->send(connection, frame_of(0, protocol::hello{protocol::version, "echo 0", ""}));
  } else if (show != nullptr && show->deployment == "f100d") {
    auto ping = *protocol::encode({got.ref, protocol::ping{}});
    std::vector<char> mebibyte;
    while (mebibyte.size() + ping.size() <= 1024U * 1024U)
      mebibyte.insert(mebibyte.end(), ping.begin(), ping.end());
    for (int i = 0; i < 64; ++i)
      self->send(connection, outbound_frame{mebibyte});
  } else if (show != nullptr && show->deployment == "sha7ed") {
    // Frames in two pieces, of which all have the second in common; more than a socket takes.
    const auto letters = std::vector<char>(limits::chunk_bytes, 'x');
    const auto whole = frame_of(0, protocol::upload_chunk{"d", 0, letters}).bytes;
    const auto at = whole.end() - static_cast<std::ptrdiff_t>(letters.size());
    const auto rest = std::make_shared<const std::vector<char>>(at, whole.end());
    for (std::uint64_t ref = 1; ref <= 40; ++ref) {
      auto begin = frame_of(ref, protocol::upload_chunk{"d", 0, letters}).bytes;
      begin.resize(begin.size() - letters.size());
      self->send(connection, outbound_frame{std::move(begin), rest});
    }
  } else {
    self->send(connection, frame_of(got.ref, got.body));
  }
}

caf::behavior echo(caf::event_based_actor* self, caf::actor connection, census* record) {
  watch(self, connection, record);
  return {[=](const inbound_frame& frame) {
    record->took_frame();
    auto got = protocol::decode(frame.body);
    if (got)
      answer(self, connection, *got);
    else
      self->send(connection, close_connection{});
    self->send(connection, frame_handled{});
  }};
}

caf::behavior hold(caf::event_based_actor* self, caf::actor connection, census* record) {
  watch(self, connection, record);
  auto held = std::make_shared<std::size_t>(0);
  return {[=](const inbound_frame&) {
            ++*held;
            record->took_frame();
          },
          [=](release) {
            for (; *held > 0; --*held)
              self->send(connection, frame_handled{});
          }};
}

caf::behavior hasty(caf::event_based_actor* self, caf::actor connection, census* record) {
  watch(self, connection, record);
  return {[=](const inbound_frame&) {
    for (std::uint64_t i = 0; i < 300; ++i)
      self->send(connection,
                 frame_of(i, protocol::hello{protocol::version, std::string(100, 'x'), ""}));
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
