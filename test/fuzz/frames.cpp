#include "protocol/msgpack/codec.hpp"
#include "test/fuzz/properties.hpp"

#include <array>

namespace pawl::test {

namespace {

constexpr std::size_t length_bytes = 4;

std::span<const char> body_of(const std::vector<char>& frame) {
  return std::span{frame}.subspan(length_bytes);
}

void demand_bounded_length(std::string_view text) {
  if (text.size() < length_bytes)
    return;
  const auto header = std::span{text.data(), text.size()}.first<length_bytes>();
  for (const auto most : {limits::hello_frame_bytes, limits::frame_bytes})
    if (auto length = protocol::body_length(header, most))
      demand(*length > 0 && *length <= most, "no frame has more bytes than it may");
}

} // namespace

// A message that was read is written and read again as the same.
void fuzz_frames(fuzz_input in) {
  const auto text = text_of(in);
  demand_bounded_length(text);
  auto received = protocol::decode({text.data(), text.size()});
  if (!received)
    return demand_refusal(received.error(), in.size());
  auto written = protocol::encode(*received);
  // A list may leave out fields of its members, which are written with their defaults: then it can
  // come to more than a frame takes. Whoever makes a list takes care of that.
  if (!written)
    return demand(written.error().code == errc::too_large, "what was read can be written");
  auto again = protocol::decode(body_of(*written));
  if (!again) // a field was missing whose default no message may have, such as version 0
    return demand_refusal(again.error(), written->size());
  auto rewritten = protocol::encode(*again);
  demand(rewritten && *rewritten == *written, "a message that is written again is the same");
}

} // namespace pawl::test
