#include "lifecycle/bounded_text.hpp"

#include "lifecycle/limits.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl {

namespace {

constexpr std::size_t mark_bytes = 48; // of what tells how much was left out

using details = std::map<std::string, std::string>;

details within_limits(details all) {
  details kept;
  auto left = limits::error_details_bytes;
  for (auto& [key, value] : all) {
    if (kept.size() == limits::error_details || left < mark_bytes)
      break;
    auto text = value.size() > left ? shortened(std::move(value), left) : std::move(value);
    left -= text.size();
    kept.emplace(key.substr(0, limits::error_key_bytes), std::move(text));
  }
  return kept;
}

void cut(log_event& x) {
  x.line.resize(std::min(x.line.size(), limits::log_line_bytes));
}
void cut(health_event& x) {
  x.detail = shortened(std::move(x.detail), limits::error_message_bytes);
}
void cut(warning_event& x) {
  x.message = shortened(std::move(x.message), limits::error_message_bytes);
}
void cut(state_event& x) {
  if (x.error)
    keep_within_limits(*x.error);
}
void cut(progress_event& /*x*/) {} // its words are ours

} // namespace

std::string shortened(std::string text, std::size_t most) {
  if (text.size() <= most)
    return text;
  auto kept = most - mark_bytes;
  const auto is_inside = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
  for (int bytes = 0; bytes < 3 && kept > 0 && is_inside(text[kept]); ++bytes)
    --kept;
  const auto left_out = text.size() - kept;
  text.resize(kept);
  return text + fmt::format("... ({} bytes more)", left_out);
}

std::string failure_log(const std::vector<std::string>& lines) {
  std::size_t bytes = 0;
  auto first = lines.end();
  while (first != lines.begin()) {
    bytes += std::prev(first)->size() + 1;
    if (bytes > limits::failure_log_bytes + 1 ||
        static_cast<std::size_t>(lines.end() - first) == limits::failure_log_lines)
      break;
    --first;
  }
  return fmt::format("{}", fmt::join(first, lines.end(), "\n"));
}

void keep_within_limits(error& x) {
  x.message = shortened(std::move(x.message), limits::error_message_bytes);
  x.details = within_limits(std::move(x.details));
}

void keep_within_limits(failure& x) {
  x.message = shortened(std::move(x.message), limits::error_message_bytes);
  x.details = within_limits(std::move(x.details));
}

void keep_within_limits(event_body& x) {
  std::visit([](auto& body) { cut(body); }, x);
}

} // namespace pawl
