// What passes between a connection (gateway/: bytes and sockets) and its session (actors/:
// meaning).
//
// The connection reads at most limits::frames_in_work frames ahead of its session; each
// inbound_frame is answered by one frame_handled. It writes outbound frames in order. A session
// lives as long as its connection: each monitors the other.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pawl {

// Who is at the other end of a connection. A session knows it from its birth; nothing in a message
// changes it.
struct peer {
  std::string name; // `by` in records: a user's name, from the kernel's credentials
  std::uint32_t uid = 0;
};

// To the session: a frame's body, its length already within bounds, not decoded yet.
struct inbound_frame {
  std::vector<char> body;
};

// To the connection: the session is done with one inbound frame.
struct frame_handled {};

// To the connection: write these bytes, a whole frame with its length.
struct outbound_frame {
  std::vector<char> bytes;
  // If set: the frame's rest, behind `bytes`. Other connections may have it too.
  std::shared_ptr<const std::vector<char>> rest = {};
  std::function<void()> sent =
      {}; // if set: called when the kernel has them, in the gateway's thread
};

// The frame in one piece, for who looks into it.
inline std::vector<char> whole(const outbound_frame& frame) {
  auto bytes = frame.bytes;
  if (frame.rest)
    bytes.insert(bytes.end(), frame.rest->begin(), frame.rest->end());
  return bytes;
}

// To the connection: close when everything written so far has been sent.
struct close_connection {};

// Makes the session of a new connection; called in the gateway's thread.
using session_factory = std::function<caf::actor(caf::actor connection, const peer& who)>;

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::inbound_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::frame_handled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::outbound_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::close_connection)
