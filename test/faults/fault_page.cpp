#include "test/faults/fault_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <regex>
#include <sstream>

namespace pawl::test {

namespace {

struct named {
  std::string number;
  std::string text;
};

const std::vector<named>& faults() {
  static const std::vector<named> table{
      {"F1", "pawld dies before or after a commit or an effect"},
      {"F2", "pawld and others are killed at random moments"},
      {"F3", "pawld is killed at any system call"},
      {"F4", "power loss: what was not flushed is lost, reordered or torn"},
      {"F5", "the disk is full"},
      {"F6", "a write or a flush fails"},
      {"F7", "the store's map is full"},
      {"F8", "a reader of the store that never ends"},
      {"F9", "a record or a page is damaged"},
      {"F10", "an upload that is cut off, or lies"},
      {"F11", "slow, silent and half-open clients"},
      {"F12", "the client is gone"},
      {"F13", "what an engine runs dies in the middle"},
      {"F14", "an engine hangs"},
      {"F15", "an engine does not know what it did"},
      {"F16", "the router dies or does not answer"},
      {"F17", "the clock jumps"},
      {"F18", "pawld sleeps, and wakes up late"},
      {"F19", "no descriptors"},
      {"F20", "no memory"},
      {"F21", "no processes"},
      {"F22", "the same request again"},
      {"F23", "a cancel at a bad moment"},
      {"F24", "a rollback at a bad moment"},
      {"F25", "a build floods its log"},
      {"F26", "a build hangs, forks, ignores SIGTERM"},
      {"F27", "an app never gets healthy"},
      {"F28", "an app dies again and again"},
      {"F29", "a health check that hangs or floods"},
      {"F30", "two servers on one data directory"},
      {"F31", "a data directory that is copied or restored"},
      {"F32", "records of another release"},
      {"F33", "a crash during an upgrade or a copy"},
      {"F34", "very many deployments in flight at a start"},
      {"F35", "a follower that does not read"},
      {"F36", "a data directory without rights"},
      {"F37", "a socket or port that is taken"},
      {"F38", "an artifact is missing"},
      {"F39", "the kernel kills an instance"},
      {"F40", "SIGTERM in the middle of work"},
  };
  return table;
}

const std::vector<named>& invariants() {
  static const std::vector<named> table{
      {"I1", "durable before visible"},
      {"I2", "one in flight and one active for each lane"},
      {"I3", "only moves of the table; a journal without a gap that says what the record says"},
      {"I4", "traffic goes to what is healthy, and a failure leaves it where it was"},
      {"I5", "everything comes to its end, and nothing is left behind"},
      {"I6", "the same request is the same deployment"},
      {"I7", "a cancel is decided once"},
      {"I8", "the history is whole"},
      {"I9", "everything is bounded, and refused at its bound"},
      {"I10", "damage is told, and never acted on"},
      {"I11", "one server"},
      {"I12", "no decision by the wall clock"},
      {"I13", "old records stay readable, newer ones are refused"},
      {"I14", "secrets stay secret"},
      {"I15", "what clients send stays inside"},
  };
  return table;
}

// A step at which there is no such victim, or at which its death can do nothing.
struct void_cell {
  std::string_view victim;
  std::string_view step;
  std::string_view why;
};

constexpr auto void_cells = std::to_array<void_cell>({
    {"client", "drain", "a client has its answer by then"},
    {"client", "start", "no client is connected then"},
    {"build", "request", "no build runs yet"},
    {"build", "queued", "no build runs yet"},
    {"build", "preparing", "no build runs yet"},
    {"build", "pushing", "the build has ended; the server itself stores what it made"},
    {"build", "activating", "no build runs any more"},
    {"build", "switch", "no build runs any more"},
    {"build", "active", "no build runs any more"},
    {"build", "drain", "no build runs any more"},
    {"build", "start", "a build has died with the server before"},
});

// Why the cell has no test; empty if one could be written.
std::string_view reason_of_void(std::string_view victim, std::string_view step) {
  for (const auto& one : void_cells)
    if (one.victim == victim && one.step == step)
      return one.why;
  return {};
}

std::vector<std::string> words_in(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> words;
  for (std::string word; in >> word;)
    words.push_back(word);
  return words;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool contains(const std::vector<named>& all, const std::string& number) {
  return std::any_of(all.begin(), all.end(),
                     [&](const named& one) { return one.number == number; });
}

// The text of the comment lines above a line of the source, as one line.
std::string comment_above(const std::vector<std::string>& lines, std::size_t at) {
  std::string text;
  while (at > 0 && lines[at - 1].starts_with("//"))
    text = lines[--at].substr(2) + text;
  return text;
}

std::vector<std::string> lines_in(const std::string& source) {
  std::istringstream in{source};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

void check(const fault_test& test, std::vector<std::string>& problems) {
  for (const auto& fault : test.faults)
    if (!contains(faults(), fault))
      problems.push_back(test.name + ": there is no fault " + fault);
  if (!contains(victims(), test.victim))
    problems.push_back(test.name + ": nothing is called " + test.victim);
  for (const auto& step : test.steps)
    if (step != "any" && !contains(steps(), step))
      problems.push_back(test.name + ": there is no step " + step);
  for (const auto& invariant : test.invariants)
    if (!contains(invariants(), invariant))
      problems.push_back(test.name + ": there is no invariant " + invariant);
}

using selection = std::function<bool(const fault_test&)>;

std::vector<std::string> names(const std::vector<fault_test>& tests, const selection& selects) {
  std::vector<std::string> found;
  for (const auto& test : tests)
    if (selects(test))
      found.push_back(test.name.substr(test.name.find('/') + 1));
  return found;
}

bool is_at(const fault_test& test, const std::string& victim, const std::string& step) {
  return test.victim == victim && contains(test.steps, step);
}

std::vector<std::string> names_at(const std::vector<fault_test>& tests, const std::string& victim,
                                  const std::string& step) {
  return names(tests, [&](const fault_test& test) { return is_at(test, victim, step); });
}

std::string item(std::string_view what, const std::vector<std::string>& found) {
  return fmt::format("- {} ({}): {}\n", what, found.size(), fmt::join(found, ", "));
}

// A row for each victim, with the number of the tests at each step.
std::string matrix(const std::vector<fault_test>& tests) {
  auto table = fmt::format("\n| | {} |\n", fmt::join(steps(), " | "));
  table += "| ---";
  for (std::size_t i = 0; i < steps().size(); ++i)
    table += " | ---";
  table += " |\n";
  for (const auto& victim : victims()) {
    table += "| " + victim;
    const auto anywhere = names_at(tests, victim, "any").size();
    for (const auto& step : steps()) {
      const auto number = names_at(tests, victim, step).size() + anywhere;
      const bool is_void = number == 0 && !reason_of_void(victim, step).empty();
      table += is_void ? " | –" : fmt::format(" | {}", number);
    }
    table += " |\n";
  }
  return table;
}

// A line for each step: the tests of this victim, or why there are none.
std::string list_of(const std::vector<fault_test>& tests, const std::string& victim) {
  std::string list;
  const auto anywhere = names_at(tests, victim, "any");
  if (!anywhere.empty())
    list += item("any step", anywhere);
  for (const auto& step : steps()) {
    const auto found = names_at(tests, victim, step);
    const auto reason = reason_of_void(victim, step);
    if (!found.empty())
      list += item(step, found);
    else if (!reason.empty())
      list += fmt::format("- {}: {}\n", step, reason);
    else if (anywhere.empty())
      list += fmt::format("- {}: not tested\n", step);
  }
  return list;
}

} // namespace

const std::vector<std::string>& victims() {
  static const std::vector<std::string> all{"pawld",    "client", "router", "build",
                                            "instance", "disk",   "machine"};
  return all;
}

const std::vector<std::string>& steps() {
  static const std::vector<std::string> all{"request",    "queued",    "preparing",  "building",
                                            "pushing",    "releasing", "activating", "switch",
                                            "cancelling", "active",    "drain",      "start"};
  return all;
}

std::vector<fault_test> fault_tests_in(const std::string& file, const std::string& source,
                                       std::vector<std::string>& problems) {
  static const std::regex suite_line{R"(^BOOST_(?:AUTO|FIXTURE)_TEST_SUITE\((\w+))"};
  static const std::regex case_line{R"(^BOOST_(?:AUTO|FIXTURE)_TEST_CASE\((\w+))"};
  static const std::regex tag{R"(Fault: ([^;]+); hits: ([^;]+); at: ([^;]+); holds: ([^.]+)\.)"};
  std::vector<fault_test> found;
  std::string suite;
  const auto lines = lines_in(source);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch parts;
    if (std::regex_search(lines[i], parts, suite_line))
      suite = parts[1];
    if (!std::regex_search(lines[i], parts, case_line))
      continue;
    const auto name = suite + "/" + parts[1].str();
    const auto comment = comment_above(lines, i);
    std::smatch said;
    if (std::regex_search(comment, said, tag)) {
      found.push_back(
          {name, file, words_in(said[1]), said[2], words_in(said[3]), words_in(said[4])});
      check(found.back(), problems);
    } else if (comment.find("Fault:") != std::string::npos) {
      problems.push_back(name + ": its comment does not say hits, at and holds");
    }
  }
  return found;
}

std::string fault_page(const std::vector<fault_test>& tests) {
  std::string page =
      "# What happens if X dies at step Y\n\n"
      "Made from the tests; `test/faults/fault_page.hpp` says how. Each test shows that nothing is "
      "lost, doubled, left behind or reported wrongly. The table counts the tests; those \"at any "
      "step\" count at each. A dash stands where nothing can happen; the lists below it say "
      "why.\n\n"
      "The lists name the tests, as `test_faults --run_test='*/NAME'` takes them (some are in "
      "`test_end_to_end` and other programs: `git grep NAME test`).\n";
  page += matrix(tests);
  for (const auto& victim : victims())
    page += fmt::format("\n## {}\n\n", victim) + list_of(tests, victim);
  page += "\n## The faults\n\n";
  for (const auto& fault : faults())
    page += item(
        fmt::format("{} {}", fault.number, fault.text),
        names(tests, [&](const fault_test& test) { return contains(test.faults, fault.number); }));
  page += "\n## The invariants\n\n| | what holds | tests |\n| --- | --- | --- |\n";
  for (const auto& invariant : invariants())
    page += fmt::format("| {} | {} | {} |\n", invariant.number, invariant.text,
                        names(tests, [&](const fault_test& test) {
                          return contains(test.invariants, invariant.number);
                        }).size());
  return page;
}

} // namespace pawl::test
