// Cuts the output of a program, which comes in parts, into lines: those of stdout and of stderr
// apart.
#pragma once

#include "engines/engine.hpp"

#include <array>
#include <string>
#include <string_view>

namespace pawl {

class line_cutter {
public:
  explicit line_cutter(line_sink sink) : sink_(std::move(sink)) {}

  // `stream` is "stdout" or "stderr". A line that is longer than limits::log_line_bytes becomes
  // several.
  void take(std::string_view stream, std::string_view bytes);

  // Passes on lines that were not ended.
  void finish();

  // Whether every line that came has been passed on.
  bool at_line_end() const { return open_[0].empty() && open_[1].empty(); }

private:
  const line_sink sink_;
  std::array<std::string, 2> open_; // of stdout, of stderr
};

} // namespace pawl
