#include "bin/usage/help.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::usage {

namespace {

constexpr std::size_t left_most = 26; // columns of what stands before an explanation

// The words of the text in lines of at most `room` characters. Help is written in ASCII.
std::vector<std::string> wrapped(std::string_view text, std::size_t room) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(" \n"), text.size());
    auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.size() + 1 + word.size() > room) {
      lines.push_back(line);
      line.clear();
    }
    line += (line.empty() ? "" : " ") + std::string{word};
  }
  if (!line.empty())
    lines.push_back(line);
  return lines;
}

// "  -a, --app APP    The app …": the explanation beside what it explains, or below if that is
// long.
std::string explained(const std::string& what, std::string_view text, std::size_t left,
                      std::size_t columns) {
  auto all = "  " + what;
  auto indent = std::string(left + 4, ' ');
  auto lines = wrapped(text, std::max<std::size_t>(columns, left + 24) - left - 4);
  bool beside = what.size() <= left;
  for (std::size_t i = 0; i < lines.size(); ++i)
    all += i == 0 && beside ? std::string(left - what.size() + 2, ' ') + lines[i]
                            : "\n" + indent + lines[i];
  return all + "\n";
}

std::string text_of(const option& one) {
  return one.variable.empty() ? one.text : fmt::format("{} [{}]", one.text, one.variable);
}

struct entry {
  std::string what;
  std::string text;
};

std::string listed(std::string_view title, const std::vector<entry>& entries, std::size_t columns) {
  if (entries.empty())
    return {};
  std::size_t left = 0;
  for (const auto& each : entries)
    if (each.what.size() <= left_most)
      left = std::max(left, each.what.size());
  auto all = fmt::format("\n{}:\n", title);
  for (const auto& each : entries)
    all += explained(each.what, each.text, left, columns);
  return all;
}

std::vector<entry> options_of(const command& one, bool arguments) {
  std::vector<entry> entries;
  for (const auto& each : one.options)
    if (each.is_argument() == arguments)
      entries.push_back({spelling(each), text_of(each)});
  return entries;
}

// The titles of the groups of its commands, in the order in which they come first.
std::vector<std::string> groups_of(const command& one) {
  std::vector<std::string> groups;
  for (const auto& each : one.commands)
    if (std::find(groups.begin(), groups.end(), each.group) == groups.end())
      groups.push_back(each.group);
  return groups;
}

std::vector<entry> commands_of(const command& one, std::string_view group) {
  std::vector<entry> entries;
  for (const auto& each : one.commands)
    if (each.group == group)
      entries.push_back({each.word, each.summary});
  return entries;
}

// Text as roff takes it: no character of it is a request or an escape.
std::string roff(std::string_view text) {
  std::string all;
  for (char c : text) {
    if (c == '\\')
      all += "\\e";
    else if (c == '-')
      all += "\\-";
    else if ((c == '.' || c == '\'') && (all.empty() || all.back() == '\n'))
      all += std::string{"\\&"} + c;
    else
      all += c;
  }
  return all;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string roff_entries(std::string_view title, const std::vector<entry>& entries) {
  if (entries.empty())
    return {};
  auto all = fmt::format(".SH {}\n", title);
  for (const auto& each : entries)
    all += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(each.what), roff(each.text));
  return all;
}

} // namespace

std::string spelling(const option& one) {
  auto names = fmt::format("{}", fmt::join(one.names, ", "));
  if (one.value.empty())
    return names;
  return names.empty() ? one.value : names + " " + one.value;
}

std::string synopsis(const command& one) {
  auto line = one.name + (one.commands.empty() ? " [OPTIONS]" : " COMMAND [OPTIONS]");
  for (const auto& each : one.options) {
    if (each.is_argument())
      line += each.required ? " " + each.value : fmt::format(" [{}]", each.value);
    else if (each.required)
      line += fmt::format(" {} {}", each.names.front(), each.value);
  }
  return line;
}

std::string help_text(const command& one, std::size_t columns) {
  auto all = fmt::format("{}: {}\n", one.name, one.summary);
  for (const auto& line : wrapped(one.details, columns))
    all += line + "\n";
  all += fmt::format("\nUsage:\n  {}\n", synopsis(one));
  for (const auto& group : groups_of(one))
    all += listed(group, commands_of(one, group), columns);
  all += listed("Arguments", options_of(one, true), columns);
  all += listed("Options", options_of(one, false), columns);
  for (const auto& each : one.sections)
    all += fmt::format("\n{}:\n{}\n", each.title, fmt::join(each.lines, "\n"));
  return all;
}

std::string man_page(const command& one, std::string_view release,
                     const std::vector<std::string>& related) {
  auto page = dashed(one.name);
  auto all = fmt::format(".TH {} 1 \"\" \"{}\" \"Pawl\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n{}\n",
                         upper(page), release, roff(page), roff(one.summary), roff(synopsis(one)));
  all +=
      fmt::format(".SH DESCRIPTION\n{}\n", roff(one.details.empty() ? one.summary : one.details));
  for (const auto& group : groups_of(one))
    all += roff_entries(upper(group), commands_of(one, group));
  all += roff_entries("ARGUMENTS", options_of(one, true));
  all += roff_entries("OPTIONS", options_of(one, false));
  for (const auto& each : one.sections) {
    all += fmt::format(".SH {}\n.nf\n", upper(each.title));
    for (const auto& line : each.lines)
      all += roff(line) + "\n";
    all += ".fi\n";
  }
  std::vector<std::string> others;
  for (const auto& each : related)
    if (each != page + "(1)")
      others.push_back(roff(each));
  return all + fmt::format(".SH SEE ALSO\n{}\n", fmt::join(others, ",\n"));
}

} // namespace pawl::usage
