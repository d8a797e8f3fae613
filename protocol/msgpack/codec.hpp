// Between messages and frames.
#pragma once

#include "lifecycle/result.hpp"
#include "protocol/messages.hpp"
#include "protocol/packed_events.hpp"

#include <span>
#include <vector>

namespace pawl::protocol {

// A frame with its four length bytes, ready to be written. too_large if its body would be over
// limits::frame_bytes, which only lists can be: whoever makes one (history, versions, lanes) takes
// fewer members and tries again. It does not check() it.
result<std::vector<char>> encode(const envelope& sent);

// The beginning of a frame with an `events` message: the bytes of the list are the rest of it, so
// that they need not be copied for each who is sent them. too_large as encode().
result<std::vector<char>> begin_events_frame(std::uint64_t ref, std::string_view deployment,
                                             const packed_events& list);

// The length of the body that the four bytes announce. too_large over limits::frame_bytes,
// invalid_argument for 0: nothing is read, nothing allocated for such a frame.
result<std::size_t> body_length(std::span<const char, 4> header);

// A frame's body (without the length bytes) as a message. Every bound of limits.hpp is kept, then
// check() judged it. invalid_argument or too_large. Unknown fields are ignored, so that a minor
// addition breaks nobody; an unknown kind is an error.
result<envelope> decode(std::span<const char> body);

// What decoding alone cannot see: names, lengths, ranges. Called by decode(), and before a client
// sends. Of a server's answers it judges how many and how long, not what they say.
result<void> check(const message& body);

// The name of a message on the wire.
std::string_view kind(const message& body);

// Whether the two sides can speak: nothing, or invalid_argument that says which side to upgrade.
// `our_side` is this program with its version, as its own hello names it: "pawld 0.1.0".
result<void> check_version(const hello& theirs, std::string_view our_side);

} // namespace pawl::protocol
