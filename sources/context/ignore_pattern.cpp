#include "sources/context/ignore_pattern.hpp"

#include "posix/utf8.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr char32_t byte_without_meaning = 0x110000; // and the byte: past all characters

// The character at the front of a text that is not empty, which is taken off.
char32_t take_character(std::string_view& text) {
  const auto first = first_code_point(text);
  const auto byte = static_cast<unsigned char>(text.front());
  text.remove_prefix(first.length == 0 ? 1 : first.length);
  return first.length == 0 ? byte_without_meaning + byte : first.value;
}

} // namespace

path_characters::path_characters(std::string_view path) : bytes(path) {
  characters.reserve(path.size());
  while (!path.empty())
    characters.push_back(take_character(path));
}

bool ignore_pattern::token::takes(char32_t c) const {
  switch (kind) {
  case token_kind::character:
    return c == character;
  case token_kind::not_slash:
  case token_kind::name_part:
    return c != U'/';
  case token_kind::one_of:
    return negated != std::any_of(ranges.begin(), ranges.end(), [c](const auto& range) {
             return c >= range.first && c <= range.second;
           });
  case token_kind::directories:
  case token_kind::within:
  case token_kind::everything:
    return true;
  }
  return false;
}

// Reads a pattern from its beginning to its end.
class ignore_pattern::compilation {
public:
  explicit compilation(std::string_view text) : whole_(text), left_(text) {}

  std::optional<ignore_pattern> run() {
    for (; !left_.empty(); begins_ = false)
      if (!take())
        return std::nullopt;
    if (made_.form_ == form::same)
      made_.text_ = whole_;
    else if (made_.form_ == form::beginning)
      made_.text_ = whole_.substr(0, whole_.size() - 2);
    else if (made_.form_ == form::end)
      made_.text_ = whole_.substr(2);
    if (made_.form_ == form::tokens)
      made_.text_ = ending();
    made_.cost_ = made_.tokens_.size() + 1;
    for (const auto& each : made_.tokens_)
      made_.cost_ += each.ranges.size();
    return std::move(made_);
  }

private:
  // The characters at the end that stand for themselves. In nearly all patterns of people they
  // tell nearly all paths apart: "**/*.log".
  std::string_view ending() const { return whole_.substr(begin_of_ending_); }

  bool take() {
    const auto c = take_character(left_);
    if (c == U'*' || c == U'?' || c == U'[' || c == U'\\')
      return take_special(c) && note_ending();
    made_.tokens_.push_back({.kind = token_kind::character, .character = c});
    return true;
  }

  bool note_ending() {
    begin_of_ending_ = whole_.size() - left_.size();
    return true;
  }

  bool take_special(char32_t c) {
    if (c == U'*') {
      take_star();
      return true;
    }
    if (c == U'[')
      return take_class();
    token made{.kind = c == U'?' ? token_kind::not_slash : token_kind::character, .character = c};
    if (c == U'\\') {
      if (left_.empty())
        return false;
      made.character = take_character(left_);
    }
    made_.form_ = form::tokens;
    made_.tokens_.push_back(std::move(made));
    return true;
  }

  void take_star() {
    if (!left_.starts_with('*')) {
      made_.form_ = form::tokens;
      made_.tokens_.push_back({.kind = token_kind::name_part});
      return;
    }
    left_.remove_prefix(1);
    if (left_.starts_with('/'))
      left_.remove_prefix(1);
    if (left_.empty()) {
      made_.tokens_.push_back({.kind = token_kind::everything});
      made_.form_ = made_.form_ == form::same ? form::beginning : form::tokens;
    } else {
      made_.tokens_.push_back({.kind = token_kind::directories});
      made_.tokens_.push_back({.kind = token_kind::within});
      made_.form_ = form::tokens;
    }
    if (begins_)
      made_.form_ = form::end;
  }

  // A character of a class, with a backslash before it or without.
  std::optional<char32_t> take_member() {
    if (left_.empty() || left_.front() == '-' || left_.front() == ']')
      return std::nullopt;
    auto c = take_character(left_);
    if (c == U'\\' && left_.empty())
      return std::nullopt;
    return c == U'\\' ? take_character(left_) : c;
  }

  bool take_class() {
    token made{.kind = token_kind::one_of};
    made.negated = left_.starts_with('^');
    if (made.negated)
      left_.remove_prefix(1);
    while (made.ranges.empty() || !left_.starts_with(']')) {
      const auto first = take_member();
      auto last = first;
      if (first && left_.starts_with('-')) {
        left_.remove_prefix(1);
        last = take_member();
      }
      if (!first || !last || *first > *last)
        return false;
      made.ranges.emplace_back(*first, *last);
    }
    left_.remove_prefix(1);
    made_.form_ = form::tokens;
    made_.tokens_.push_back(std::move(made));
    return true;
  }

  std::string_view whole_;
  std::string_view left_;
  bool begins_ = true;
  std::size_t begin_of_ending_ = 0;
  ignore_pattern made_;
};

std::optional<ignore_pattern> ignore_pattern::compile(std::string_view clean) {
  return compilation{clean}.run();
}

// Passes over tokens that can match nothing: the one behind them is reached too.
void ignore_pattern::skip_empty(std::vector<char>& at) const {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (at[i] == 0)
      continue;
    const auto kind = tokens_[i].kind;
    if (kind == token_kind::name_part || kind == token_kind::everything)
      at[i + 1] = 1;
    else if (kind == token_kind::directories)
      at[i + 2] = 1;
  }
}

// From the places of the pattern that are reached to those behind one character more.
void ignore_pattern::step(char32_t c, const std::vector<char>& from, std::vector<char>& to) const {
  std::fill(to.begin(), to.end(), char{0});
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (from[i] == 0 || !tokens_[i].takes(c))
      continue;
    switch (tokens_[i].kind) {
    case token_kind::name_part:
    case token_kind::everything:
      to[i] = 1;
      break;
    case token_kind::directories:
      to[i + 1] = 1;
      if (c == U'/')
        to[i + 2] = 1;
      break;
    case token_kind::within:
      to[i] = 1;
      if (c == U'/')
        to[i + 1] = 1;
      break;
    case token_kind::character:
    case token_kind::not_slash:
    case token_kind::one_of:
      to[i + 1] = 1;
      break;
    }
  }
  skip_empty(to);
}

bool ignore_pattern::matches(const path_characters& path, std::uint64_t& steps) const {
  steps += 1;
  switch (form_) {
  case form::same:
    return path.bytes == text_;
  case form::beginning:
    return path.bytes.starts_with(text_);
  case form::end:
    return path.bytes.ends_with(text_) ||
           (text_.starts_with('/') && path.bytes == std::string_view{text_}.substr(1));
  case form::tokens:
    if (!path.bytes.ends_with(text_))
      return false;
    break;
  }
  std::vector<char> reached(tokens_.size() + 1);
  std::vector<char> next(reached.size());
  reached.front() = 1;
  skip_empty(reached);
  for (const auto c : path.characters) {
    steps += cost_;
    step(c, reached, next);
    reached.swap(next);
    if (std::find(reached.begin(), reached.end(), char{1}) == reached.end())
      return false;
  }
  return reached.back() == 1;
}

} // namespace pawl
