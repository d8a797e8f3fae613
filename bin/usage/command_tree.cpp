#include "bin/usage/command_tree.hpp"

#include "config/values.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>

namespace pawl::usage {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<section> sections_of(const std::string& footer) {
  std::vector<section> all;
  for (const auto& line : lines_of(footer)) {
    if (!line.empty() && line.front() != ' ' && line.back() == ':')
      all.push_back({line.substr(0, line.size() - 1), {}});
    else if (!line.empty() && !all.empty())
      all.back().lines.push_back(line);
  }
  return all;
}

// The checks of an option stand behind a colon, in sentences or lists: "NUMBER:UINT in [1 - 9]". A
// colon with a word in capitals, as in HOST:PORT, is the value's own.
std::string without_checks(const std::string& type) {
  constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto colon = type.find(':');
  if (colon == std::string::npos ||
      type.find_first_not_of(capitals, colon + 1) == std::string::npos)
    return type;
  return type.substr(0, colon);
}

option read_option(const CLI::Option& from) {
  option one;
  for (const auto& name : from.get_snames())
    one.names.push_back("-" + name);
  for (const auto& name : from.get_lnames())
    one.names.push_back("--" + name);
  if (from.get_items_expected_max() > 0)
    one.value = without_checks(from.get_type_name());
  one.text = from.get_description();
  one.variable = from.get_envname();
  one.required = from.get_required();
  return one;
}

command read_command(const CLI::App& from, const std::string& program) {
  command one;
  one.word = from.get_name();
  one.name = program.empty() ? one.word : program + " " + one.word;
  one.group = from.get_group();
  auto description = from.get_description();
  one.summary = description.substr(0, description.find('\n'));
  if (one.summary.size() < description.size())
    one.details = description.substr(one.summary.size() + 1);
  one.sections = sections_of(from.get_footer());
  for (const auto* each : from.get_options())
    one.options.push_back(read_option(*each));
  for (const auto* each : from.get_subcommands([](const CLI::App*) { return true; }))
    one.commands.push_back(read_command(*each, one.name));
  return one;
}

} // namespace

const option* command::find_option(std::string_view wanted) const {
  for (const auto& each : options)
    if (std::find(each.names.begin(), each.names.end(), wanted) != each.names.end())
      return &each;
  return nullptr;
}

const command* command::find_command(std::string_view wanted) const {
  for (const auto& each : commands)
    if (each.word == wanted)
      return &each;
  return nullptr;
}

std::size_t command::place_of_command(const std::vector<std::string>& words) const {
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with('-')) {
    const auto* known = find_option(words[at]); // not with "=": its value is in the same word
    at += known != nullptr && !known->value.empty() ? 2 : 1;
  }
  return std::min(at, words.size());
}

const command* command::chosen_command(const std::vector<std::string>& words) const {
  auto at = place_of_command(words);
  const auto* chosen = at == words.size() ? nullptr : find_command(words[at]);
  if (chosen == nullptr || chosen->commands.empty())
    return chosen;
  const auto* below =
      chosen->chosen_command({words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end()});
  return below == nullptr ? chosen : below;
}

command read_tree(const CLI::App& program) {
  return read_command(program, "");
}

std::optional<std::string> meant(const command& where, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with('-'))
    for (const auto& each : where.options)
      known.insert(known.end(), each.names.begin(), each.names.end());
  else
    for (const auto& each : where.commands)
      known.push_back(each.word);
  return config::nearest(word.substr(0, word.find('=')), known);
}

} // namespace pawl::usage
