#include "detection/languages/code_search.hpp"

#include <algorithm>

namespace pawl::detection {

namespace {

bool is_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

} // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    all.push_back(line);
  }
  return all;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<std::string> name_given_to(std::string_view text, std::string_view call) {
  for (auto line : lines_of(text)) {
    const auto at = line.find(call);
    const auto sign = line.find('=');
    if (at == std::string_view::npos || sign == std::string_view::npos || sign > at)
      continue;
    if (at > 0 && is_of_name(line[at - 1])) // of a longer name
      continue;
    auto name = line.substr(0, std::min(sign, line.find(':')));
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    if (!name.empty() && std::all_of(name.begin(), name.end(), is_of_name))
      return std::string{name};
  }
  return std::nullopt;
}

std::optional<std::string> quoted_behind(std::string_view text, std::string_view mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos)
    return std::nullopt;
  auto rest = text.substr(at + mark.size());
  const auto begin = rest.find_first_of("'\"");
  if (begin == std::string_view::npos)
    return std::nullopt;
  const auto end = rest.find(rest[begin], begin + 1);
  if (end == std::string_view::npos)
    return std::nullopt;
  return std::string{rest.substr(begin + 1, end - begin - 1)};
}

bool has_word(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_of_name(text[at - 1])) && (end == text.size() || !is_of_name(text[end])))
      return true;
  }
  return false;
}

} // namespace pawl::detection
