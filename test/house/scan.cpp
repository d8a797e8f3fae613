#include "test/house/scan.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <string_view>

namespace pawl::test::house {

namespace {

bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Walks the text once and blanks what is not code.
class blanker {
public:
  explicit blanker(const std::string& text) : text_(text) {}

  std::string blanked() {
    while (at_ < text_.size())
      step();
    return std::move(text_);
  }

private:
  void step() {
    if (starts("//")) {
      blank_to(text_.find('\n', at_));
    } else if (starts("/*")) {
      auto end = text_.find("*/", at_ + 2);
      blank_to(end == std::string::npos ? end : end + 2);
    } else if (starts("R\"") && (at_ == 0 || !is_word(text_[at_ - 1]))) {
      blank_to(end_of_raw_string());
    } else if (text_[at_] == '"') {
      blank_inside(end_of_literal('"'));
    } else if (text_[at_] == '\'' && (at_ == 0 || !is_word(text_[at_ - 1]))) { // not 1'000
      blank_inside(end_of_literal('\''));
    } else if (text_[at_] == '#' && only_spaces_before()) {
      blank_to(end_of_directive());
    } else {
      ++at_;
    }
  }

  bool starts(std::string_view what) const { return text_.compare(at_, what.size(), what) == 0; }

  bool only_spaces_before() const {
    for (auto i = at_; i > 0 && text_[i - 1] != '\n'; --i)
      if (!is_space(text_[i - 1]))
        return false;
    return true;
  }

  std::size_t end_of_raw_string() const {
    auto open = text_.find('(', at_);
    if (open == std::string::npos)
      return open;
    auto closing = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    auto end = text_.find(closing, open);
    return end == std::string::npos ? end : end + closing.size();
  }

  std::size_t end_of_literal(char quote) const {
    for (auto i = at_ + 1; i < text_.size(); ++i)
      if (text_[i] == '\\')
        ++i;
      else if (text_[i] == quote)
        return i + 1;
    return std::string::npos;
  }

  std::size_t end_of_directive() const {
    auto end = text_.find('\n', at_);
    while (end != std::string::npos && end > 0 && text_[end - 1] == '\\')
      end = text_.find('\n', end + 1);
    return end;
  }

  void blank_to(std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_)
      if (text_[at_] != '\n')
        text_[at_] = ' ';
  }

  // The quotes stay, so that a literal is still seen to be one.
  void blank_inside(std::size_t end) {
    ++at_;
    blank_to(end == std::string::npos ? end : end - 1);
    at_ = std::min(end, text_.size());
  }

  std::string text_;
  std::size_t at_ = 0;
};

std::string trimmed(const std::string& text) {
  auto first = std::find_if_not(text.begin(), text.end(), is_space);
  auto last = std::find_if_not(text.rbegin(), text.rend(), is_space).base();
  return first < last ? std::string{first, last} : std::string{};
}

enum class scope { outer, function, other };

scope scope_of(const std::string& head) {
  static const std::regex outer{R"(^(template\s*<.*>\s*)?(inline\s+)?)"
                                R"((namespace|class|struct|union|enum|extern)\b[^()]*$)"};
  static const std::regex operator_name{R"(\boperator\s*[^\s\w(]+)"};
  auto open = head.find('(');
  if (open == std::string::npos)
    return std::regex_search(head, outer) ? scope::outer : scope::other;
  auto before = std::regex_replace(head.substr(0, open), operator_name, "operator");
  return before.find('=') == std::string::npos ? scope::function : scope::other;
}

// Follows the braces of blanked code and notes each function at namespace or class scope.
class function_finder {
public:
  explicit function_finder(const std::string& code) : code_(code) {}

  std::vector<function_span> found() {
    for (std::size_t i = 0; i < code_.size(); ++i)
      if (code_[i] == '{')
        open(i);
      else if (code_[i] == '}')
        close(i);
      else if (inside_ == 0 && (code_[i] == ';' || ends_access_label(i) || ends_suite_line(i)))
        head_ = i + 1;
    return std::move(spans_);
  }

private:
  bool ends_access_label(std::size_t at) const {
    static const std::set<std::string> labels{"public", "protected", "private"};
    return code_[at] == ':' && labels.contains(trimmed(code_.substr(head_, at - head_)));
  }

  // BOOST_AUTO_TEST_SUITE(name) has no semicolon, and is no part of what follows.
  bool ends_suite_line(std::size_t at) const {
    static const std::regex suite{R"(^BOOST_\w+_TEST_SUITE\b)"};
    return code_[at] == ')' && std::regex_search(trimmed(code_.substr(head_, at - head_)), suite);
  }

  void open(std::size_t at) {
    if (inside_++ > 0)
      return;
    kind_ = scope_of(trimmed(code_.substr(head_, at - head_)));
    if (kind_ == scope::outer) {
      inside_ = 0;
      head_ = at + 1;
    }
  }

  void close(std::size_t at) {
    if (inside_ > 0 && --inside_ > 0)
      return;
    auto next = at + 1;
    while (next < code_.size() && is_space(code_[next]))
      ++next;
    // The braces of a member's initialiser: the constructor's own body is still to come.
    if (kind_ == scope::function && next < code_.size() &&
        (code_[next] == ',' || code_[next] == '{'))
      return;
    if (kind_ == scope::function)
      note(at);
    kind_ = scope::other;
    head_ = at + 1;
  }

  void note(std::size_t end) {
    auto first = head_;
    while (first < end && is_space(code_[first]))
      ++first;
    auto from = line_at(code_, first);
    auto signature = code_.substr(first, code_.find('{', first) - first);
    spans_.push_back({from, line_at(code_, end) - from + 1, trimmed(signature)});
  }

  const std::string& code_;
  std::vector<function_span> spans_;
  std::size_t head_ = 0;   // where the text before the next brace begins
  std::size_t inside_ = 0; // open braces of a function or an initialiser
  scope kind_ = scope::other;
};

} // namespace

std::string code_of(const std::string& text) {
  return blanker{text}.blanked();
}

std::vector<include_line> includes_of(const std::string& text) {
  static const std::regex line{R"re((^|\n)[ \t]*#[ \t]*include[ \t]*(<([^>\n]+)>|"([^"\n]+)"))re"};
  std::vector<include_line> found;
  for (std::sregex_iterator it{text.begin(), text.end(), line}, end; it != end; ++it) {
    bool angled = (*it)[3].matched;
    auto offset = static_cast<std::size_t>(it->position(2));
    found.push_back({line_at(text, offset), (*it)[angled ? 3 : 4].str(), angled});
  }
  return found;
}

std::vector<function_span> functions_of(const std::string& text) {
  auto code = code_of(text);
  return function_finder{code}.found();
}

std::size_t lines_of(const std::string& text) {
  auto breaks = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return breaks + (text.empty() || text.back() == '\n' ? 0 : 1);
}

std::size_t line_at(const std::string& text, std::size_t offset) {
  auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(offset, text.size()));
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

} // namespace pawl::test::house
