// A listener: where clients connect. It authenticates them, admits them within limits, and
// translates between their bytes and the messages of their sessions (actors/session.hpp). It
// decides nothing about what they ask.
//
//   transport/  carries bytes: sockets, CAF's loop, what waits to be sent, hang-ups
//   frames/     messages as msgpack frames, over any transport; the listener on a unix socket
//   http/       requests and answers of HTTP/1.1, over any transport
//   remote/     the listener for clients of the network: TLS, and limits for who is not known yet
#pragma once

#include "lifecycle/limits.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pawl::gateway {

// The bounds of one connection.
struct connection_settings {
  using milliseconds = std::chrono::milliseconds;

  milliseconds hello_timeout = limits::hello_timeout; // until the first whole frame
  milliseconds ping_interval = limits::ping_interval;
  milliseconds silence_timeout = limits::silence_timeout; // noticed within a ping_interval
  milliseconds close_timeout = limits::close_timeout;     // for what is unsent at the end
  std::size_t frames_in_work = limits::frames_in_work;
  std::size_t unsent_bytes = limits::unsent_bytes; // more than it: the connection ends
};

struct listener_settings {
  connection_settings connection = {};
  std::size_t connections = limits::connections; // the newest beyond it is closed at once, but for
                                                 // strangers of the network (tls_listener.hpp);
                                                 // users of the socket (local_clients.hpp)
  // Listeners that share it count the connections of all of them against it, those in a handshake
  // too. Used in the multiplexer's thread alone.
  std::shared_ptr<std::size_t> in_all = {};
  // Called with a sentence for the log, in the multiplexer's thread: how often is bounded, whatever
  // clients do.
  std::function<void(std::string_view sentence)> log = {};
  std::string socket_group = {}; // of a unix socket: may connect beside its owner; empty: nobody
  // Called with the reason when the listener has stopped by itself. Any thread; open connections
  // stay.
  std::function<void(std::string_view reason)> on_death = {};
};

// Listens until it is closed, with its connections. Its functions may be called from any thread,
// and return at once. Must end before its actor system does.
class listener {
public:
  listener() = default;
  virtual ~listener() = default; // as close()

  // Admits nobody new; what others need to find it (a socket's file) is removed. What is connected
  // stays.
  virtual void stop_accepting() = 0;

  // The same, and each connection is closed once what was written to it is sent, or after
  // limits::close_timeout.
  virtual void close() = 0;

protected:
  listener(listener&&) noexcept = default;
  listener& operator=(listener&&) noexcept = default;
};

} // namespace pawl::gateway
