// Cuts a stream of bytes into lines, without their line feeds; a line longer than
// limits::log_line_bytes becomes several.
#pragma once

#include "lifecycle/limits.hpp"

#include <string>
#include <string_view>

namespace pawl {

class line_splitter {
public:
  template <class Emit>
  void feed(std::string_view bytes, Emit&& emit) {
    while (!bytes.empty()) {
      auto room = limits::log_line_bytes - pending_.size();
      auto feed_at = bytes.substr(0, room + 1).find('\n');
      bool whole = feed_at != std::string_view::npos;
      auto taken = whole ? feed_at : std::min(room, bytes.size());
      pending_ += bytes.substr(0, taken);
      bytes.remove_prefix(taken + (whole ? 1 : 0));
      if (whole || (pending_.size() == limits::log_line_bytes && !bytes.empty())) {
        emit(std::string_view{pending_});
        pending_.clear();
      }
    }
  }

  // The rest, which no line feed ended.
  template <class Emit>
  void finish(Emit&& emit) {
    if (!pending_.empty())
      emit(std::string_view{pending_});
    pending_.clear();
  }

private:
  std::string pending_;
};

} // namespace pawl
