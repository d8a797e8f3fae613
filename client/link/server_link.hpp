// One connection of the CLI to a server: an actor of ours talks to the session that the server gave
// it. This class is its face for one thread that works in steps: send, then receive.
#pragma once

#include "client/link/server_address.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/result.hpp"
#include "protocol/messages.hpp"

#include <chrono>
#include <memory>

namespace pawl::client {

// Events or lines that a reader has consumed before it gives their credit again: early enough that
// the server goes on sending meanwhile, and one message for many events.
inline constexpr std::uint32_t renew_credit_after = limits::event_credit / 4;

struct link_settings {
  std::chrono::milliseconds ping_interval = limits::ping_interval; // how often silence is looked at
  std::chrono::milliseconds silence_timeout = limits::silence_timeout;
  std::size_t unread_bytes = limits::unread_bytes; // more than it: the link is lost
};

class server_link {
public:
  // Connects and greets the server; over TLS, checks first that it is the server that is meant.
  // unavailable if nobody answers (the message names the place and says how to start a server),
  // permission_denied if the socket is another user's, unauthenticated if the server is another
  // one, or if it does not take the token, or there is none; invalid_argument if the versions
  // cannot speak (it says which side to upgrade). The links of a program share one actor system,
  // whose threads take no signals and stay until the program ends.
  static result<std::unique_ptr<server_link>> connect(const known_server& server,
                                                      std::chrono::milliseconds timeout,
                                                      const link_settings& settings = {});
  virtual ~server_link() = default; // drops what is not sent yet; does not wait for the server

  // Sends a request, and returns the ref that its answers will carry. unavailable when the
  // connection is lost; invalid_argument or too_large if protocol::check refuses it.
  virtual result<std::uint64_t> send(protocol::message request) = 0;

  // Sends a message that continues an earlier request (upload chunks, credits) under its ref.
  virtual result<void> send(std::uint64_t ref, protocol::message part) = 0;

  // The next message from the server. timed_out when none came in time (the link stays usable),
  // unavailable when the connection is lost, or silent past limits::silence_timeout; what came
  // before the loss is received first. Its reason if the server ends the connection with one, such
  // as unauthenticated for a token that was revoked. Pings are answered underneath, and never seen
  // here.
  virtual result<protocol::envelope> receive(std::chrono::milliseconds timeout) = 0;

  // A descriptor that is readable when receive() would not wait: for waiting on it and on a
  // terminal at once. -1 if there is none.
  virtual int ready_descriptor() const = 0;
};

} // namespace pawl::client
