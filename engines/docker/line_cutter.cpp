#include "engines/docker/line_cutter.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::array<std::string_view, 2> streams{"stdout", "stderr"};

} // namespace

void line_cutter::take(std::string_view stream, std::string_view bytes) {
  auto& open = open_[stream == streams[1] ? 1 : 0];
  while (!bytes.empty()) {
    const auto feed = bytes.find('\n');
    const auto part = bytes.substr(0, std::min(feed, limits::log_line_bytes - open.size()));
    open += part;
    bytes.remove_prefix(part.size());
    const bool ended = !bytes.empty() && bytes.front() == '\n';
    if (!ended && open.size() < limits::log_line_bytes)
      return;
    sink_(stream, open);
    open.clear();
    if (ended)
      bytes.remove_prefix(1);
  }
}

void line_cutter::finish() {
  for (std::size_t i = 0; i < open_.size(); ++i)
    if (!open_[i].empty())
      sink_(streams[i], std::exchange(open_[i], {}));
}

} // namespace pawl
