// The output of a container as the daemon sends it: frames of a stream's number, a length and a
// part of a line, which may begin with its time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace pawl {

class log_frames {
public:
  struct frame {
    std::string_view stream; // "stdout" or "stderr"
    std::string_view time;   // "2026-11-29T04:28:54.123456789Z": such texts sort as their times do
    std::string_view text;   // with its line feed, unless the line goes on
  };
  using taker = std::function<void(const frame&)>;

  // With `timed`, each frame begins with a time.
  log_frames(bool timed, taker take) : timed_(timed), take_(std::move(take)) {}

  // False if these are no frames, or one has more than 1 MiB.
  bool take(std::string_view bytes);

private:
  bool take_frame(unsigned stream, std::string_view payload);

  const bool timed_;
  const taker take_;
  std::string unread_;
};

} // namespace pawl
