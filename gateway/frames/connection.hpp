// One connection of frames: bytes to messages and back, pings, and when it has to end. It decides
// nothing about what a message asks for.
//
// A peer to which the session has answered nothing yet may be anybody: only one frame of it is in
// work, of limits::hello_frame_bytes at most.
//
// It ends when its peer closes, says nothing, announces a frame of no lawful length, or does not
// read; when its session ends; and on close_connection. Whatever the reason, its session sees it go
// down.
#pragma once

#include "actors/session.hpp"
#include "gateway/listener.hpp"
#include "gateway/transport/byte_stream.hpp"
#include "gateway/transport/carried_connection.hpp"
#include "gateway/transport/ending_broker.hpp"

#include <caf/actor.hpp>
#include <caf/atom.hpp>
#include <caf/behavior.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace pawl::gateway {

// Sent to the listener that wants to know: the session has answered its client's first message, for
// the first time, by no refusal; or has refused it for want of good credentials.
using client_admitted = caf::atom_constant<caf::atom("admitted")>;
using login_refused = caf::atom_constant<caf::atom("loginrefus")>;

// The state and the steps of a connection's actor; all in the multiplexer's thread.
class connection_state {
public:
  explicit connection_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "connection";

  // Makes the session and begins to read.
  caf::behavior start(const carried_connection& carried, const peer& who,
                      const session_factory& make_session, const connection_settings& settings);

private:
  void on_data(std::vector<char>& bytes);
  void on_header(const std::vector<char>& bytes);
  void on_body(std::vector<char>& bytes);
  void on_request_handled();
  void on_answer(const server_answer& answer);
  void on_events(const server_events& what);
  void on_written(std::uint64_t remaining);
  void on_hello_due();
  void on_ping_due();
  bool may_read_on() const;
  void pause();
  void close_when_sent();
  void send(std::span<const char> frame, std::span<const char> rest,
            const std::function<void()>& sent);
  void tell_listener(const protocol::message& first_answer);
  void refuse(std::uint64_t ref, error why, const std::function<void()>& sent = {});
  void write(std::span<const char> frame, std::span<const char> rest = {});
  void tell_sent();

  caf::io::broker* self_;
  std::optional<byte_stream> stream_; // from start() on
  caf::actor session_;
  caf::actor listener_;
  connection_settings settings_;

  bool in_body_ = false;    // what is read next
  bool unreadable_ = false; // what came was no message: nothing more is read
  bool first_frame_came_ = false;
  bool first_frame_sent_ = false;
  bool paused_ = false;
  bool closing_ = false;
  std::size_t in_work_ = 0;
  std::vector<std::function<void()>> when_sent_; // of what is unsent

  std::chrono::milliseconds silence_{0};
  std::uint64_t counted_bytes_ = 0; // that were received, at the last ping
  bool sent_since_ping_ = false;
};

using connection_actor = stateful_ending_broker<connection_state>;

} // namespace pawl::gateway
