#include "config/document.hpp"

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

result<toml_table> parse_toml(std::string_view text) {
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& problem) {
    return error{errc::invalid_argument,
                 fmt::format("line {}: this is not TOML: {}", problem.source().begin.line,
                             problem.description()),
                 {}};
  }
}

} // namespace pawl::config
