#include "client/terminal/screen.hpp"

#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::client {

// A terminal that became narrower since has wrapped the lines of the region.
std::string screen::to_the_top() const {
  auto columns = std::max<std::size_t>(size_().columns, 1);
  std::size_t rows = 0;
  for (auto width : shown_)
    rows += std::max<std::size_t>((width + columns - 1) / columns, 1);
  return rows == 0 ? std::string{} : fmt::format("\r\x1b[{}A", rows);
}

void screen::print(std::string_view line) {
  clear();
  out_(fmt::format("{}\n", line));
}

void screen::show(const std::vector<std::string>& region, std::string_view cut_mark) {
  if (region.empty())
    return clear();
  auto size = size_();
  auto columns = std::max<std::size_t>(size.columns, 2) - 1; // a full line wraps in some terminals
  auto lines = std::min(region.size(), std::max<std::size_t>(size.rows, 2) - 1);
  auto text = to_the_top();
  shown_.clear();
  for (std::size_t i = 0; i < lines; ++i) {
    auto line = fit(region[i], columns, cut_mark);
    text += fmt::format("{}\x1b[K\n", line);
    shown_.push_back(width(line));
  }
  out_(text + "\x1b[J");
}

void screen::clear() {
  if (shown_.empty())
    return;
  out_(to_the_top() + "\x1b[J");
  shown_.clear();
}

} // namespace pawl::client
