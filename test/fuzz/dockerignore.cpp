#include "sources/context/dockerignore.hpp"
#include "test/fuzz/properties.hpp"

#include <algorithm>
#include <vector>

namespace pawl::test {

namespace {

// As Docker's documentation says what a pattern means that has no classes, no escapes and no
// letters beyond ASCII; written without a look at our reader, and without a thought of time.
class plain_pattern {
public:
  plain_pattern(std::string_view pattern, std::string_view path)
      : pattern_(pattern), path_(path), known_((pattern.size() + 1) * (path.size() + 1), unknown) {}

  bool matches() {
    const auto rest = pattern_.substr(std::min<std::size_t>(2, pattern_.size()));
    if (pattern_.starts_with("**") && rest.find_first_of("*?") == std::string_view::npos)
      return path_.ends_with(rest) || (rest.starts_with('/') && path_ == rest.substr(1));
    return from(0, 0);
  }

private:
  static constexpr char unknown = 2;

  bool from(std::size_t p, std::size_t s) {
    auto& known = known_[p * (path_.size() + 1) + s];
    if (known == unknown)
      known = look(p, s) ? 1 : 0;
    return known == 1;
  }

  bool look(std::size_t p, std::size_t s) {
    const auto pattern = pattern_.substr(p);
    const bool ends = s == path_.size();
    if (pattern.empty())
      return ends;
    if (pattern.starts_with("**"))
      return look_deep(p + (pattern.starts_with("**/") ? 3 : 2), s);
    if (pattern.front() == '*')
      return from(p + 1, s) || (!ends && path_[s] != '/' && from(p, s + 1));
    if (ends)
      return false;
    const bool same = pattern.front() == '?' ? path_[s] != '/' : path_[s] == pattern.front();
    return same && from(p + 1, s + 1);
  }

  // Directories, and then the rest of the pattern.
  bool look_deep(std::size_t rest, std::size_t s) {
    if (rest == pattern_.size() || from(rest, s))
      return true;
    for (auto at = s; at < path_.size(); ++at)
      if (path_[at] == '/' && from(rest, at + 1))
        return true;
    return false;
  }

  std::string_view pattern_;
  std::string_view path_;
  std::vector<char> known_;
};

bool is_plain(std::string_view pattern) {
  return std::all_of(pattern.begin(), pattern.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '[' && c != '\\' && c != '!' && c != '#';
  });
}

// Neither empty components nor "." and "..".
bool is_clean(std::string_view path) {
  const auto padded = "/" + std::string{path} + "/";
  return !path.empty() && std::all_of(path.begin(), path.end(), [](char c) { return c != '\0'; }) &&
         padded.find("//") == std::string::npos && padded.find("/./") == std::string::npos &&
         padded.find("/../") == std::string::npos;
}

bool leaves_out(const dockerignore& rules, const std::string& path) {
  auto judged = dockerignore_tree{rules}.leaves_out(path);
  demand(judged.has_value(), "a few bytes of rules do not take too long for one path");
  return *judged;
}

// The path or one that it lies in.
bool should_leave_out(std::string_view pattern, std::string_view path) {
  for (auto end = path.find('/');; end = path.find('/', end + 1)) {
    if (plain_pattern{pattern, path.substr(0, end)}.matches())
      return true;
    if (end == std::string_view::npos)
      return false;
  }
}

} // namespace

// The lines up to a NUL, behind it a path.
void fuzz_dockerignore(fuzz_input in) {
  const auto text = take_text(in, '\0');
  const std::string path{text_of(in)};
  auto rules = dockerignore::parse(text, ".dockerignore");
  if (!rules)
    return demand_refusal(rules.error(), text.size());
  if (!is_clean(path) || path.size() > limits::source_path_bytes)
    return;
  const bool left_out = leaves_out(*rules, path);
  if (is_plain(text) && is_clean(text))
    demand(left_out == should_leave_out(text, path), "a pattern means what Docker says");
  auto all = dockerignore::parse(std::string{text} + "\n**", ".dockerignore");
  demand(!all || leaves_out(*all, path), "the last pattern decides");
  auto none = dockerignore::parse(std::string{text} + "\n!**", ".dockerignore");
  demand(!none || !leaves_out(*none, path), "the last exception decides");
}

} // namespace pawl::test
