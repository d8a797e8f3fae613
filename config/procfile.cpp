#include "config/procfile.hpp"

#include "lifecycle/written_text.hpp"

#include <algorithm>
#include <set>

namespace pawl::config {

namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_process_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// Calls back for each line with its number and the process that it starts, which is empty for one
// that starts none.
template <class Line>
void each_line(std::string_view text, Line&& line_found) {
  std::set<std::string, std::less<>> seen;
  text = without_mark(text);
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    auto colon = std::min(line.find(':'), line.size());
    auto name = line.substr(0, colon);
    auto command = trimmed(line.substr(std::min(colon + 1, line.size())));
    const bool starts = is_process_name(name) && !command.empty() && seen.find(name) == seen.end();
    if (starts)
      seen.emplace(name);
    line_found(number, trimmed(line),
               starts ? procfile_process{std::string{name}, std::string{command}}
                      : procfile_process{});
  }
}

} // namespace

std::vector<procfile_process> read_procfile(std::string_view text) {
  std::vector<procfile_process> all;
  each_line(text, [&](std::size_t, std::string_view, procfile_process one) {
    if (!one.name.empty())
      all.push_back(std::move(one));
  });
  return all;
}

std::vector<std::size_t> unused_of_procfile(std::string_view text) {
  std::vector<std::size_t> unused;
  each_line(text, [&](std::size_t number, std::string_view line, const procfile_process& one) {
    if (one.name.empty() && !line.empty() && !line.starts_with('#'))
      unused.push_back(number);
  });
  return unused;
}

std::optional<std::string> command_of(const std::vector<procfile_process>& all,
                                      std::string_view name) {
  auto found = std::find_if(all.begin(), all.end(),
                            [&](const procfile_process& one) { return one.name == name; });
  return found == all.end() ? std::nullopt : std::optional{found->command};
}

} // namespace pawl::config
