#include "sources/context/dockerignore.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\v\f\r";
  const auto begin = std::min(text.find_first_not_of(blanks), text.size());
  return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

// Go's filepath.Clean: without empty and "." components, ".." takes the one before it away, and
// nothing is above the root.
std::string cleaned(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".")
      continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty() && parts.back() != "..")
      parts.pop_back();
    else if (!rooted)
      parts.push_back(part);
  }
  std::string clean;
  for (const auto part : parts)
    clean.append(clean.empty() ? "" : "/").append(part);
  return clean;
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

error bad_line(std::string_view name, std::size_t line, std::string_view why) {
  return {errc::invalid_argument,
          fmt::format("line {} of {} {}", line, name, why),
          {{"file", std::string{name}}, {"line", std::to_string(line)}}};
}

} // namespace

result<dockerignore> dockerignore::parse(std::string_view text, std::string_view name) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.size() > limits::dockerignore_bytes)
    return error{errc::too_large,
                 fmt::format("{} has more than the {} KiB that it may have: name directories in "
                             "it, and not each of their files",
                             name, limits::dockerignore_bytes / limits::kib),
                 {}};
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  dockerignore made;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = take_line(text);
    auto pattern = trimmed(line);
    if (line.starts_with('#') || pattern.empty())
      continue;
    const bool exception = pattern.front() == '!';
    if (exception)
      pattern = trimmed(pattern.substr(1));
    if (pattern.empty())
      return bad_line(name, number, "has a ! and no pattern: write one behind it, or remove it");
    if (made.size() == limits::dockerignore_patterns)
      return error{errc::too_large,
                   fmt::format("{} has more than the {} patterns that it may have: name "
                               "directories in it, and not each of their files",
                               name, limits::dockerignore_patterns),
                   {}};
    const auto clean = cleaned(pattern);
    auto compiled = ignore_pattern::compile(clean);
    if (!compiled)
      return bad_line(
          name, number,
          "is no pattern that Docker takes: [ begins a class, as in [a-z], and \\ takes "
          "the meaning of the character behind it");
    if (!clean.empty())
      made.rules_.push_back({exception, *std::move(compiled)});
  }
  return made;
}

dockerignore::verdict dockerignore::judge(std::string_view path, const verdict& parent,
                                          std::uint64_t& steps) const {
  verdict made;
  made.matched.resize(rules_.size());
  const path_characters characters{path};
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const auto& each = rules_[i];
    const bool inherited = !parent.matched.empty() && parent.matched[i];
    if (!inherited && each.exception != made.left_out)
      continue;
    if (!inherited && !each.pattern.matches(characters, steps))
      continue;
    made.matched[i] = true;
    made.left_out = !each.exception;
  }
  steps += rules_.size();
  return made;
}

const dockerignore::verdict& dockerignore_tree::of_directory(const std::string& path) {
  const auto known = directories_.find(path);
  if (known != directories_.end())
    return known->second;
  const auto slash = path.rfind('/');
  static const dockerignore::verdict root;
  const auto& parent = slash == std::string::npos ? root : of_directory(path.substr(0, slash));
  auto judged = rules_.judge(path, parent, steps_);
  return directories_.emplace(path, std::move(judged)).first->second;
}

result<bool> dockerignore_tree::leaves_out(const std::string& path) {
  if (rules_.size() == 0)
    return false;
  const auto slash = path.rfind('/');
  static const dockerignore::verdict root;
  const auto& parent = slash == std::string::npos ? root : of_directory(path.substr(0, slash));
  const bool left_out = rules_.judge(path, parent, steps_).left_out;
  if (steps_ > steps_most_)
    return error{errc::too_large,
                 "the patterns of the .dockerignore take too long for so many files: leave "
                 "directories out by their names, or use fewer patterns",
                 {}};
  return left_out;
}

} // namespace pawl
