// One connection: frames in, frames out, and when it has to end. It decides nothing about what a
// frame says.
//
// It ends when its peer closes, says nothing, announces a frame that is no frame, or does not read;
// when its session ends; and on close_connection. Whatever the reason, its session sees it go down.
#pragma once

#include "actors/connection.hpp"
#include "gateway/transport/ending_broker.hpp"
#include "gateway/transport/unix_servants.hpp"
#include "lifecycle/limits.hpp"

#include <caf/actor.hpp>
#include <caf/behavior.hpp>

#include <chrono>
#include <memory>
#include <span>

namespace pawl::gateway {

struct connection_settings {
  using milliseconds = std::chrono::milliseconds;

  milliseconds hello_timeout = limits::hello_timeout; // until the first whole frame
  milliseconds ping_interval = limits::ping_interval;
  milliseconds silence_timeout = limits::silence_timeout; // noticed within a ping_interval
  milliseconds close_timeout = limits::close_timeout;     // for what is unsent at the end
  std::size_t frames_in_work = limits::frames_in_work;
  std::size_t unsent_bytes = limits::unsent_bytes;
};

// The state and the steps of a connection's actor; all in the multiplexer's thread.
class connection_state {
public:
  explicit connection_state(caf::io::broker* self) : self_(self) {}

  static inline const char* name = "connection";

  // Makes the session and begins to read.
  caf::behavior start(caf::io::connection_handle socket, const peer& who,
                      const session_factory& make_session, const connection_settings& settings,
                      std::shared_ptr<const traffic> counts);

private:
  void on_data(std::vector<char>& bytes);
  void on_header(const std::vector<char>& bytes);
  void on_body(std::vector<char>& bytes);
  void on_frame_handled();
  void on_frame_to_write(const outbound_frame& frame);
  void on_written(std::uint64_t remaining);
  void on_hello_due();
  void on_ping_due();
  void pause();
  void close_when_sent();
  void write(std::span<const char> frame, std::span<const char> rest = {});
  void tell_sent();

  caf::io::broker* self_;
  caf::io::connection_handle socket_;
  caf::actor session_;
  connection_settings settings_;
  std::shared_ptr<const traffic> counts_;

  bool in_body_ = false; // what is read next
  bool first_frame_came_ = false;
  bool first_frame_sent_ = false;
  bool paused_ = false;
  bool closing_ = false;
  std::size_t in_work_ = 0;
  std::uint64_t unsent_ = 0;
  std::vector<std::function<void()>> when_sent_; // of what is unsent

  std::chrono::milliseconds silence_{0};
  std::uint64_t counted_bytes_ = 0; // of counts_, at the last ping
  bool sent_since_ping_ = false;
};

using connection_actor = stateful_ending_broker<connection_state>;

} // namespace pawl::gateway
