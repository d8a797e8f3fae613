// The contract between a listener (gateway/) and a session (actors/session/).
//
// For each client that connects, a listener has one actor, here "the connection", and makes one
// session. The connection knows how a client's bytes become messages and messages bytes: it reads,
// judges whether that is a message, and decides nothing about it. The session knows what a message
// asks for, and nothing of bytes. Between the two cross values of protocol/messages.hpp.
//
// Peer: the listener authenticates the client before it makes the session. The session knows its
// peer from its birth; nothing in a message changes it.
//
// To the session:
//   client_request     a message, decoded and checked
//   unreadable_input   the client sent what is no message; the last thing the session is sent
// To the connection:
//   server_answer      an answer, to be encoded and written
//   server_events      events of a journal, packed once for all who follow it
//   request_handled    the session is done with one client_request
//   close_connection   close, when everything written so far has been sent
//
// Order: the connection passes on what the client sends in its order, and writes what the session
// sends it in its order. unreadable_input goes the same way, so that what was asked before is
// answered before the refusal. The first message of each side is `hello`; a listener whose clients
// have no such greeting sends the session one in their stead, and keeps the answer.
//
// Back-pressure: towards the session, by request_handled. The connection reads no further while it
// has limits::frames_in_work requests out that were not handled yet; one, before the session has
// answered anything. Most are handled before the session takes the next; a part of an upload is
// when its bytes are in its file. Towards the client, by credit: events and lines go out only as
// far as a client allows. A connection whose client does not read its answers ends when
// limits::unsent_bytes wait for it.
//
// End: each monitors the other. When the connection ends, for whatever reason, so do the session
// and all that it has spawned. When the session ends, the connection closes as for
// close_connection. Either may be sent messages after its end: they are dropped.
#pragma once

#include "lifecycle/result.hpp"
#include "protocol/messages.hpp"
#include "protocol/packed_events.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace pawl {

// The listener's knowledge of the other end of a connection.
struct peer {
  // On the unix socket: the user's name, from the kernel's credentials. Over TLS: the common name
  // of the client's certificate, which [listen] client_ca has signed; empty without one.
  std::string name;
  std::uint32_t uid = 0;                    // on the unix socket
  std::optional<std::string> address = {};  // over TLS: the IP address; nothing on the unix socket
  std::optional<timestamp> expires_at = {}; // of the client's certificate
};

struct client_request {
  protocol::envelope message;
};

// The session answers with a refusal for this reason, under ref 0, and ends.
struct unreadable_input {
  error why;
};

// An answer that is too large to be sent (protocol::fits_a_frame()) the connection replaces by the
// refusal that says so.
struct server_answer {
  protocol::envelope message;
  // If set: called once the kernel has the bytes, in the listener's thread.
  std::function<void()> sent = {};
};

// An `events` message in parts. The list is shared with other connections, and nobody changes it: a
// listener may write its bytes as they are, without a copy, or unpack them.
struct server_events {
  std::uint64_t ref = 0; // of the follow_request
  std::shared_ptr<const std::string> deployment;
  std::shared_ptr<const protocol::packed_events> list;
  std::function<void()> sent = {}; // as above
};

struct request_handled {};

struct close_connection {};

// Makes the session of a new connection; called in the listener's thread. May throw where the
// system has no memory left, or give an empty handle: then the client is turned away.
using session_factory = std::function<caf::actor(caf::actor connection, const peer& who)>;

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::client_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::unreadable_input)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::server_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::server_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::request_handled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::close_connection)
