#include "engines/docker/log_frames.hpp"

#include "lifecycle/limits.hpp"

namespace pawl {

namespace {

constexpr std::size_t head_bytes = 8; // the stream, three zeros, and the length, highest byte first
constexpr std::size_t frame_most = limits::mib; // the daemon's own have 16 KiB
constexpr unsigned last_stream = 2;             // stderr; 0 and 1 are stdout

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

} // namespace

bool log_frames::take(std::string_view bytes) {
  unread_ += bytes;
  std::string_view left = unread_;
  while (left.size() >= head_bytes) {
    const std::size_t length = byte_at(left, 4) << 24U | byte_at(left, 5) << 16U |
                               byte_at(left, 6) << 8U | byte_at(left, 7);
    if (length > frame_most || byte_at(left, 0) > last_stream)
      return false;
    if (left.size() < head_bytes + length)
      break;
    if (!take_frame(byte_at(left, 0), left.substr(head_bytes, length)))
      return false;
    left.remove_prefix(head_bytes + length);
  }
  unread_.erase(0, unread_.size() - left.size());
  return true;
}

bool log_frames::take_frame(unsigned stream, std::string_view payload) {
  frame one{stream == last_stream ? "stderr" : "stdout", {}, payload};
  if (timed_) {
    const auto space = payload.find(' ');
    if (space == std::string_view::npos)
      return false;
    one.time = payload.substr(0, space);
    one.text = payload.substr(space + 1);
  }
  take_(one);
  return true;
}

} // namespace pawl
