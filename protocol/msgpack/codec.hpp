// Between messages and frames.
//
// A frame is four bytes of length (big endian, the length of the rest) and one msgpack map:
// {"kind": name, "ref": number, "body": {fields}}.
#pragma once

#include "lifecycle/result.hpp"
#include "protocol/messages.hpp"
#include "protocol/packed_events.hpp"

#include <span>
#include <vector>

namespace pawl::protocol {

// A frame with its four length bytes, ready to be written. too_large if its body would be over
// limits::frame_bytes, which only lists can be (see fits_a_frame()). It does not check() the
// message.
result<std::vector<char>> encode(const envelope& sent);

// The beginning of a frame with an `events` message: the bytes of the list are its rest, so that
// they need not be copied for each client that is sent them. too_large as encode().
result<std::vector<char>> begin_events_frame(std::uint64_t ref, std::string_view deployment,
                                             const packed_events& list);

// The length of the body that the four bytes announce. too_large over `most`, invalid_argument for
// 0: nothing is read, nothing allocated for such a frame.
result<std::size_t> body_length(std::span<const char, 4> header,
                                std::size_t most = limits::frame_bytes);

// A frame's body (without the length bytes) as a message. Every bound of limits.hpp is kept, then
// check() judged it. invalid_argument or too_large. Unknown fields are ignored, so that a minor
// addition breaks nobody; an unknown kind is an error.
result<envelope> decode(std::span<const char> body);

} // namespace pawl::protocol
