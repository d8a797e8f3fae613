#include "client/terminal/text.hpp"

#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace pawl::client {

std::string look::paint(std::string_view text, std::string_view code) const {
  return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string{text};
}

bool speaks_utf8(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang) {
  auto chosen = !lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang;
  auto is = [chosen](std::string_view name) { return chosen.find(name) != std::string_view::npos; };
  return chosen.empty() || is("UTF-8") || is("utf8") || is("UTF8") || is("utf-8");
}

namespace {

constexpr std::size_t gap = 2; // between columns

std::vector<std::size_t> natural_widths(const std::vector<column>& columns,
                                        const table_rows& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    widths.push_back(width(columns[i].head));
    for (const auto& row : rows)
      widths[i] = std::max(widths[i], width(row[i]));
  }
  return widths;
}

std::size_t total_of(const std::vector<std::size_t>& widths) {
  std::size_t total = 0;
  for (auto each : widths)
    total += each == 0 ? 0 : each + gap;
  return total == 0 ? 0 : total - gap;
}

// The least important column that is still there, if one may go.
std::optional<std::size_t> next_to_go(const std::vector<column>& columns,
                                      const std::vector<std::size_t>& widths) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (widths[i] > 0 && columns[i].goes > 0 && (!found || columns[i].goes < columns[*found].goes))
      found = i;
  return found;
}

// The widths that fit the terminal; 0 for a column that is left out.
std::vector<std::size_t> fitting_widths(const std::vector<column>& columns,
                                        const std::vector<std::size_t>& natural, std::size_t room) {
  auto kept = natural;
  while (true) {
    auto widths = kept;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      auto total = total_of(widths);
      if (total > room && columns[i].least > 0 && widths[i] > columns[i].least)
        widths[i] -= std::min(total - room, widths[i] - columns[i].least);
    }
    auto goes = next_to_go(columns, kept);
    if (total_of(widths) <= room || !goes)
      return widths;
    kept[*goes] = 0;
  }
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    const look& how) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (widths[i] == 0)
      continue;
    auto cell = fit(cells[i], widths[i], how.ellipsis());
    line += cell + std::string(widths[i] - width(cell) + gap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return how.columns == 0 ? line : fit(line, how.columns, how.ellipsis());
}

} // namespace

std::string table(const std::vector<column>& columns, const table_rows& rows, const look& how) {
  auto widths = natural_widths(columns, rows);
  if (how.columns > 0)
    widths = fitting_widths(columns, widths, how.columns);
  std::vector<std::string> heads;
  for (const auto& each : columns)
    heads.push_back(each.head);
  auto text = how.faint(line_of(heads, widths, how)) + "\n";
  for (const auto& row : rows)
    text += line_of(row, widths, how) + "\n";
  return text;
}

std::string fit_lines(std::string_view text, const look& how) {
  std::string all;
  while (how.columns > 0 && !text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    all += fit(line, how.columns, how.ellipsis()) + "\n";
  }
  return how.columns > 0 ? all : std::string{text};
}

namespace {

// Where the first line of a text ends that is to be so wide: at a space, or at its end.
std::size_t break_of(std::string_view text, std::size_t room) {
  auto fits = fit(text, room, "").size();
  if (fits == text.size())
    return fits;
  auto space = text.rfind(' ', fits);
  return space == 0 || space == std::string_view::npos ? std::min(text.find(' ', fits), text.size())
                                                       : space;
}

} // namespace

std::string prose(std::string_view text, std::string_view indent, const look& how) {
  std::string all;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = printable(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    auto rest = std::string_view{line};
    do {
      auto part = how.columns == 0
                      ? rest.size()
                      : break_of(rest, how.columns - std::min(how.columns, indent.size()));
      all += fmt::format("{}{}\n", indent, rest.substr(0, part));
      rest.remove_prefix(std::min(part + 1, rest.size()));
    } while (!rest.empty());
  }
  return all;
}

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> units{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024)
    return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit)
    value /= 1024;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

} // namespace pawl::client
