#include "config/document.hpp"

#include "config/key_depth.hpp"
#include "lifecycle/written_text.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>

namespace pawl::config {

namespace {

toml_table convert(const toml::table& source);
toml_array convert(const toml::array& source);

std::string_view name_of(toml::node_type type) {
  switch (type) {
  case toml::node_type::date:
    return "a date";
  case toml::node_type::time:
    return "a time";
  default:
    return "a date with a time";
  }
}

toml_value convert(const toml::node& source) {
  if (const auto* table = source.as_table())
    return convert(*table);
  if (const auto* array = source.as_array())
    return convert(*array);
  if (const auto* text = source.as_string())
    return text->get();
  if (const auto* integer = source.as_integer())
    return std::int64_t{integer->get()};
  if (const auto* real = source.as_floating_point())
    return real->get();
  if (const auto* flag = source.as_boolean())
    return flag->get();
  return toml_other{name_of(source.type())};
}

// The library keeps its tables sorted by key; places in the file bring their order back.
toml_table convert(const toml::table& source) {
  struct placed {
    toml::source_position at;
    toml_entry entry;
  };
  std::vector<placed> found;
  for (const auto& [key, node] : source) {
    auto at = key.source().begin;
    found.push_back({at, {std::string{key.str()}, at.line, convert(node)}});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const placed& a, const placed& b) { return a.at < b.at; });
  toml_table table;
  for (auto& each : found)
    table.entries.push_back(std::move(each.entry));
  return table;
}

toml_array convert(const toml::array& source) {
  toml_array array;
  for (const auto& node : source)
    array.entries.push_back({{}, node.source().begin.line, convert(node)});
  return array;
}

// A file with more is none that somebody wrote as TOML.
constexpr std::size_t syntax_problems_most = 20;

struct mistake {
  std::uint32_t line;
  std::string text;
};

std::variant<toml::table, mistake> parse(std::string_view text) {
  if (auto line = line_of_deep_key(text))
    return mistake{*line, fmt::format("a name has more than {} parts, and no setting lies so deep",
                                      key_parts_most)};
  if (auto line = line_of_nameless_table(text))
    return mistake{*line,
                   "this is not TOML: the brackets of a table begin with its name, as [run]"};
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& problem) {
    return mistake{problem.source().begin.line,
                   fmt::format("this is not TOML: {}", problem.description())};
  }
}

// Makes a line empty, if it is the mistake: a line that is TOML by itself is wrong because of one
// before it, and the name of a table says what the lines behind it mean.
bool blank_out(std::string& text, std::uint32_t line) {
  std::size_t begin = 0;
  for (std::uint32_t i = 1; i < line && begin < text.size(); ++i)
    begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  auto end = std::min(text.find('\n', begin), text.size());
  auto alone = std::string_view{text}.substr(begin, end - begin);
  auto first = alone.find_first_not_of(" \t\r");
  if (first == std::string_view::npos || alone[first] == '[' ||
      std::holds_alternative<toml::table>(parse(alone)))
    return false;
  std::fill(text.begin() + static_cast<std::ptrdiff_t>(begin),
            text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
  return true;
}

} // namespace

const toml_entry* toml_table::find(std::string_view key) const {
  auto found = std::find_if(entries.begin(), entries.end(),
                            [&](const toml_entry& each) { return each.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

std::string_view kind_of(const toml_value& value) {
  constexpr std::array<std::string_view, 6> names{
      "a string", "a whole number", "a number with a fraction", "a boolean", "a table", "an array"};
  if (const auto* other = std::get_if<toml_other>(&value))
    return other->kind;
  return names[value.index()];
}

std::optional<toml_table> read_toml(std::string_view text, problem_list& problems) {
  if (is_utf16(text)) {
    problems.add(1, "the file is in UTF-16: save it in UTF-8");
    return std::nullopt;
  }
  std::string readable{text};
  for (std::size_t found = 0; found < syntax_problems_most; ++found) {
    auto parsed = parse(readable);
    if (const auto* table = std::get_if<toml::table>(&parsed))
      return convert(*table);
    const auto& [line, why] = std::get<mistake>(parsed);
    problems.add(line, why);
    if (!blank_out(readable, line))
      break;
  }
  return std::nullopt;
}

} // namespace pawl::config
