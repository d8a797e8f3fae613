#include "engines/variables/redacted_lines.hpp"

namespace pawl {

// A line of the greatest length was cut, and goes on in the next: no line feed stood there.
void redacted_lines::add(std::string_view stream, std::string_view line) {
  if (table_.is_empty())
    return sink_(stream, line);
  auto at = outputs_.find(stream);
  if (at == outputs_.end())
    at = outputs_.emplace(std::string{stream}, output{redaction_scan{table_.bytes()}}).first;
  auto& one = at->second;
  one.held += line;
  open_ -= one.is_open ? 1 : 0;
  one.is_open = line.size() >= limits::log_line_bytes;
  open_ += one.is_open ? 1 : 0;
  if (!one.is_open)
    one.held += '\n';
  pass(at->first, one, false);
}

void redacted_lines::finish() {
  open_ = 0;
  for (auto& entry : outputs_) {
    pass(entry.first, entry.second, true);
    entry.second.is_open = false;
    entry.second.lines.finish([&](std::string_view line) { sink_(entry.first, line); });
  }
}

void redacted_lines::pass(std::string_view stream, output& one, bool no_more) {
  const auto emit = [&](std::string_view line) { sink_(stream, line); };
  const auto left = one.scan.pass(one.held, no_more,
                                  [&](std::string_view piece) { one.lines.feed(piece, emit); });
  one.held.erase(0, one.held.size() - left);
}

} // namespace pawl
