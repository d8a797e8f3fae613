// How long things may be, and what must not be written.
#include "test/house/rules.hpp"
#include "test/house/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace pawl::test::house {

namespace {

enum class in { code, headers_code, tests_code, rules_code, any_text };

struct banned {
  in where;
  std::vector<std::string> signs; // a text with none of them is not searched
  std::regex what;
  std::string instead;
};

// The words are written in two pieces, because this file is read too.
const std::vector<banned>& banned_words() {
  static const std::vector<banned> table{
      {in::code,
       {"system"},
       std::regex{R"(std::system\b|(^|[^.>:\w])system\s*\(\s*[^)\s])"},
       "start programs through engines/child_process, without a shell"},
      {in::code,
       {"popen"},
       std::regex{R"(\bpopen\s*\()"},
       "start programs through engines/child_process, without a shell"},
      {in::code,
       {"infinite"},
       std::regex{R"(\bcaf::infinite\b)"},
       "every request has a timeout, from lifecycle/limits.hpp"},
      {in::code, {"define"}, std::regex{R"(#\s*define\b)"}, "a constant or a template"},
      {in::headers_code,
       {"namespace"},
       std::regex{R"(\busing\s+namespace\s+(?!std::[\w:]*literals))"},
       "a header opens no namespace for those who include it"},
      {in::tests_code,
       {"sleep"},
       std::regex{R"(\b(sleep_for|sleep_until|usleep|nanosleep)\b|\bsleep\s*\()"},
       "wait for the event: test/support/eventually.hpp, or move virtual time"},
      {in::rules_code,
       {"_clock", "thread", "stream"},
       std::regex{R"(_clock::now\b|\bstd::(this_)?j?thread\b|\bstd::[io]{0,2}f?stream\b)"},
       "lifecycle has no clock, thread or I/O"},
      {in::any_text,
       {"TO"
        "DO",
        "FIX"
        "ME",
        "XX"
        "X"},
       std::regex{"\\b(TO"
                  "DO|FIX"
                  "ME|XX"
                  "X)\\b"},
       "do it, or write an issue"},
      {in::any_text,
       {"/wo"
        "rk"},
       std::regex{"(^|[\\s\"'`(=:])/wo"
                  "rk(/|\\b)"},
       "no machine's own path is written down"},
  };
  return table;
}

bool reads(in where, const std::string& path) {
  switch (where) {
  case in::code:
    return is_cpp(path);
  case in::headers_code:
    return is_header(path) && !path.starts_with("test/");
  case in::tests_code:
    return is_cpp(path) && path.starts_with("test/") && !path.starts_with("test/support/");
  case in::rules_code:
    return is_cpp(path) && path.starts_with("lifecycle/");
  case in::any_text:
    return true;
  }
  return false;
}

void check_word(const std::string& path, const std::string& text, const banned& word,
                breaches& found) {
  if (std::none_of(word.signs.begin(), word.signs.end(),
                   [&](const std::string& sign) { return text.find(sign) != std::string::npos; }))
    return;
  for (std::sregex_iterator it{text.begin(), text.end(), word.what}, end; it != end; ++it) {
    auto offset = static_cast<std::size_t>(it->position() + it->length() - 1);
    found.push_back(
        fmt::format("{}:{}: {}: {}", path, line_at(text, offset), it->str(), word.instead));
  }
}

// Variables with a member called state that are no deployment. A deployment's is written by begin
// and advance.
struct other_state {
  std::string path;
  std::string variable;
};

bool is_other_state(const std::string& path, const std::string& variable,
                    const std::string& value) {
  static const std::vector<other_state> table{
      {"actors/lane/cancellation.cpp", "why"}, // the failure that a cancel leads to
      {"actors/session/listing.cpp", "query"}, // a filter of the history
      {"bench/rows/history.cpp", "query"},
  };
  return value.starts_with("instance_state::") || value == "\"" || // no enumerator of ours

         std::any_of(table.begin(), table.end(), [&](const other_state& one) {
           return one.path == path && one.variable == variable;
         });
}

std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; // not inside a character of UTF-8
  }));
}

void check_columns(const std::string& path, const std::string& text, breaches& found) {
  std::size_t begin = 0;
  for (std::size_t line = 1; begin < text.size(); ++line) {
    auto end = std::min(text.find('\n', begin), text.size());
    if (auto width = columns_of(text.substr(begin, end - begin)); width > columns)
      found.push_back(fmt::format("{}:{}: {} columns, at most {}", path, line, width, columns));
    begin = end + 1;
  }
}

} // namespace

breaches check_sizes(const tree& house) {
  breaches found;
  for (const auto& [path, text] : house.files) {
    if (!is_cpp(path))
      continue;
    if (auto lines = lines_of(text); lines > file_lines)
      found.push_back(fmt::format("{}: {} lines, at most {}", path, lines, file_lines));
    for (const auto& function : functions_of(text))
      if (function.lines > function_lines)
        found.push_back(fmt::format("{}:{}: {} lines, at most {}: {}", path, function.line,
                                    function.lines, function_lines, function.signature));
    check_columns(path, text, found);
  }
  return found;
}

breaches check_words(const tree& house) {
  breaches found;
  for (const auto& [path, text] : house.files) {
    auto code = is_cpp(path) ? code_of(text) : std::string{};
    for (const auto& word : banned_words())
      if (reads(word.where, path))
        check_word(path, word.where == in::any_text ? text : code, word, found);
  }
  return found;
}

breaches check_states(const tree& house) {
  static const std::regex write{R"((\w*)(?:\.|->)state\s*=(?!=)\s*("|[\w:]*))"};
  breaches found;
  for (const auto& [path, text] : house.files) {
    auto room = room_of(path);
    if (!is_cpp(path) || room == "lifecycle" || room == "test")
      continue;
    auto code = code_of(text);
    for (std::sregex_iterator it{code.begin(), code.end(), write}, end; it != end; ++it)
      if (!is_other_state(path, (*it)[1].str(), (*it)[2].str()))
        found.push_back(fmt::format("{}:{}: {}: only begin() and advance() write a state", path,
                                    line_at(code, static_cast<std::size_t>(it->position())),
                                    it->str()));
  }
  return found;
}

} // namespace pawl::test::house
