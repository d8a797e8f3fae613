#include "config/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pawl::config {

namespace {

constexpr std::string_view dotenv_blanks = " \t\r";

class dotenv_reader {
public:
  explicit dotenv_reader(std::string_view text) : rest_(text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (rest_.starts_with(byte_order_mark))
      rest_.remove_prefix(byte_order_mark.size());
  }

  result<std::vector<variable_text>> run() {
    while (!rest_.empty()) {
      skip_blanks();
      if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#')
        if (auto read = read_assignment(); !read)
          return std::move(read).error();
      if (auto ended = end_line(); !ended)
        return std::move(ended).error();
    }
    return std::move(all_);
  }

private:
  error problem(std::size_t line, std::string_view what) const {
    return {errc::invalid_argument,
            fmt::format("line {}: {}", line, what),
            {{"line", std::to_string(line)}}};
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(dotenv_blanks), rest_.size()));
  }

  // Only white space and a comment may follow.
  result<void> end_line() {
    skip_blanks();
    const auto end = std::min(rest_.find('\n'), rest_.size());
    if (end > 0 && rest_.front() != '#')
      return problem(line_, "something follows the closing quote: put all of the value between the "
                            "quotes");
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++line_;
    return {};
  }

  result<void> read_assignment() {
    constexpr std::string_view exported = "export";
    if (rest_.starts_with(exported) && rest_.size() > exported.size() &&
        dotenv_blanks.find(rest_[exported.size()]) != std::string_view::npos) {
      rest_.remove_prefix(exported.size());
      skip_blanks();
    }
    const auto line = rest_.substr(0, rest_.find('\n'));
    const auto equals = line.find('=');
    if (equals == std::string_view::npos)
      return problem(line_, "there is no = in it: write KEY=VALUE, or a # in front of a comment");
    auto name = line.substr(0, equals);
    name = name.substr(0, name.find_last_not_of(dotenv_blanks) + 1);
    if (auto good = check_variable_name(name); !good)
      return problem(line_, good.error().message);
    if (auto [known, is_new] = lines_.emplace(name, line_); !is_new)
      return problem(line_, fmt::format("{} is set in line {} already: keep one of the two", name,
                                        known->second));
    rest_.remove_prefix(equals + 1);
    skip_blanks();
    return read_value(std::string{name});
  }

  result<void> read_value(std::string name) {
    if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\''))
      return read_quoted(std::move(name), rest_.front());
    auto value = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(value.size());
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i] == '#' && (i == 0 || dotenv_blanks.find(value[i - 1]) != std::string_view::npos))
        value = value.substr(0, i);
    value = value.substr(0, value.find_last_not_of(dotenv_blanks) + 1);
    all_.push_back({std::move(name), secret{std::string{value}}});
    return {};
  }

  result<void> read_quoted(std::string name, char quote) {
    const auto begun = line_;
    std::string value;
    for (rest_.remove_prefix(1); !rest_.empty(); rest_.remove_prefix(1)) {
      const char c = rest_.front();
      if (c == quote) {
        rest_.remove_prefix(1);
        all_.push_back({std::move(name), secret{std::move(value)}});
        return {};
      }
      line_ += c == '\n' ? 1 : 0;
      value += quote == '"' && c == '\\' && rest_.size() > 1 ? escaped() : c;
    }
    const secret wiped{std::move(value)};
    return problem(begun,
                   fmt::format("the quote of {} is not closed: add a {} at its end", name, quote));
  }

  // The character that the backslash and the next one stand for; of the two, the last is next then.
  // A backslash before any other character is one.
  char escaped() {
    constexpr std::string_view from = "nrt\"\\$";
    constexpr std::string_view to = "\n\r\t\"\\$";
    const auto which = from.find(rest_[1]);
    if (which == std::string_view::npos)
      return '\\';
    rest_.remove_prefix(1);
    return to[which];
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  std::vector<variable_text> all_;
  std::map<std::string, std::size_t, std::less<>> lines_; // by name
};

} // namespace

result<std::vector<variable_text>> read_dotenv(std::string_view text) {
  return dotenv_reader{text}.run();
}

} // namespace pawl::config
