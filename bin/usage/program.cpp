#include "bin/usage/program.hpp"

#include "bin/usage/help.hpp"

#include <CLI/Error.hpp>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace pawl::usage {

namespace {

std::string page_of(const command& one) {
  auto page = one.name;
  std::replace(page.begin(), page.end(), ' ', '-');
  return page;
}

// The first word that begins like an option and is none of the command's.
const std::string* unknown_option(const command& where, const std::vector<std::string>& words) {
  auto unknown = [&](const std::string& word) {
    return word.starts_with('-') && word.size() > 1 &&
           where.find_option(word.substr(0, word.find('='))) == nullptr;
  };
  auto end = std::find(words.begin(), words.end(), "--");
  auto found = std::find_if(words.begin(), end, unknown);
  return found == end ? nullptr : &*found;
}

std::string hint(const command& where, const std::string& word) {
  auto near = meant(where, word);
  return near ? fmt::format("; did you mean {}?", *near) : "";
}

} // namespace

std::size_t help_columns() {
  constexpr std::size_t usual = 80;
  constexpr std::size_t most = 100; // longer lines are hard to read
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
    return usual;
  return std::min<std::size_t>(window.ws_col, most);
}

std::string mistake(const command& program, const CLI::ParseError& problem,
                    const std::vector<std::string>& words) {
  auto at = program.place_of_command(words);
  const auto* where = program.chosen_command(words);
  const auto& place = where == nullptr ? program : *where;
  if (where != nullptr && !where->commands.empty() && !words.empty() &&
      words.back() != where->word && !words.back().starts_with('-'))
    return fmt::format("\"{}\" is not a command of {}{}; see {} --help", words.back(), where->name,
                       hint(*where, words.back()), where->name);
  if (where == nullptr && at < words.size() && !program.commands.empty() &&
      (at == 0 || unknown_option(program, words) == nullptr))
    return fmt::format("\"{}\" is not a command{}; see {} --help", words[at],
                       hint(program, words[at]), program.name);
  // CLI11 reports a missing command before an unknown option.
  if (where == nullptr || dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr)
    if (const auto* word = unknown_option(place, words))
      return fmt::format("{} has no option {}{}; see {} --help", place.name, *word,
                         hint(place, *word), place.name);
  return fmt::format("{}; see {} --help", problem.what(), place.name);
}

int write_manual(const command& program, const std::string& directory, std::string_view release) {
  constexpr int failed = 1;
  std::vector<const command*> all{&program};
  std::vector<std::string> names{"pawl(1)", "pawld(1)"};
  for (std::size_t i = 0; i < all.size(); ++i) // those of commands too, behind all of these
    for (const auto& each : all[i]->commands) {
      all.push_back(&each);
      names.push_back(page_of(each) + "(1)");
    }
  for (const auto* each : all) {
    auto path = std::filesystem::path{directory} / (page_of(*each) + ".1");
    std::ofstream file{path};
    file << man_page(*each, release, names);
    if (!file.flush()) {
      fmt::print(stderr, "error: {} cannot be written: look at the directory's permissions\n",
                 path.string());
      return failed;
    }
  }
  return 0;
}

} // namespace pawl::usage
