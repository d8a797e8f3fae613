#include "config/key_depth.hpp"

#include <algorithm>

namespace pawl::config {

namespace {

// The length of the string at the front, which begins with a quote: with its quotes, or up to where
// the line or the text ends before it.
std::size_t string_length(std::string_view text) {
  const char quote = text.front();
  const bool escapes = quote == '"';
  const bool long_form = text.size() >= 3 && text[1] == quote && text[2] == quote;
  const std::string_view end = text.substr(0, long_form ? 3 : 1);
  auto at = end.size();
  while (at < text.size() && !text.substr(at).starts_with(end)) {
    if (!long_form && text[at] == '\n')
      return at;
    at += escapes && text[at] == '\\' ? 2 : 1;
  }
  at = std::min(at + end.size(), text.size());
  // A long string may end with five quotes: two of them belong to its text.
  for (int more = 0; long_form && more < 2 && at < text.size() && text[at] == quote; ++more)
    ++at;
  return at;
}

// Behind the string or comment that begins at `at`; `at` itself if none does.
std::size_t skip_opaque(std::string_view text, std::size_t at) {
  if (text[at] == '"' || text[at] == '\'')
    return at + string_length(text.substr(at));
  return text[at] == '#' ? std::min(text.find('\n', at), text.size()) : at;
}

std::uint32_t line_at(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  return 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
}

bool may_follow_bracket(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '"' || c == '\'' || c == ']';
}

} // namespace

std::optional<std::uint32_t> line_of_deep_key(std::string_view text) {
  constexpr std::string_view ends_of_keys = "\n=,[]{}";
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto behind = skip_opaque(text, at); behind != at) {
      at = behind;
      continue;
    }
    const char c = text[at];
    dots = c == '.' ? dots + 1 : ends_of_keys.find(c) != std::string_view::npos ? 0 : dots;
    if (dots >= key_parts_most)
      return line_at(text, at);
    ++at;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> line_of_nameless_table(std::string_view text) {
  std::size_t arrays = 0; // that are open: what begins a line in them is a value
  bool begins_line = true;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto behind = skip_opaque(text, at); behind != at) {
      at = behind;
      begins_line = false;
      continue;
    }
    const char c = text[at];
    if (c == '[' && begins_line && arrays == 0) {
      at = std::min(text.find_first_not_of("[ \t", at), text.size());
      if (at < text.size() && !may_follow_bracket(text[at]))
        return line_at(text, at);
      begins_line = false;
      continue;
    }
    if (c == '[')
      ++arrays;
    else if (c == ']' && arrays > 0)
      --arrays;
    begins_line = c == '\n' || (begins_line && (c == ' ' || c == '\t' || c == '\r'));
    ++at;
  }
  return std::nullopt;
}

} // namespace pawl::config
