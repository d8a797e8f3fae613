#include "config/table_reader.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

constexpr std::string_view duration_form = "a duration in quotes, such as \"500ms\", \"30s\" or "
                                           "\"5m\"";
constexpr std::string_view size_form = "a size in quotes, such as \"512M\" or \"2G\"";

} // namespace

table_reader::table_reader(const toml_table& table, std::string name, problem_list& problems)
    : table_(table), name_(std::move(name)), problems_(problems) {}

std::string table_reader::full_name(std::string_view key) const {
  return name_.empty() ? std::string{key} : fmt::format("{}.{}", name_, key);
}

void table_reader::wrong_type(const toml_entry& found, std::string_view wanted) {
  problems_.add(found.line, fmt::format("{} is {}, but must be {}", full_name(found.key),
                                        kind_of(found.value), wanted));
}

const toml_entry* table_reader::entry(std::string_view key) {
  known_.emplace_back(key);
  return table_.find(key);
}

const std::string* table_reader::text_of(std::string_view key, std::string_view wanted) {
  const auto* found = entry(key);
  if (found == nullptr)
    return nullptr;
  const auto* value = std::get_if<std::string>(&found->value);
  if (value == nullptr)
    wrong_type(*found, wanted);
  return value;
}

void table_reader::text(std::string_view key, std::string& value) {
  const auto* found = text_of(key, "a string");
  if (found == nullptr)
    return;
  if (found->find('\0') != std::string::npos)
    object(key, "contains a NUL character");
  else
    value = *found;
}

void table_reader::hidden_text(std::string_view key, secret& value) {
  std::string given{value.reveal()};
  text(key, given);
  value = secret{std::move(given)};
}

const toml_array* table_reader::array_of(std::string_view key, std::string_view wanted,
                                         std::size_t most) {
  const auto* found = entry(key);
  if (found == nullptr)
    return nullptr;
  const auto* given = std::get_if<toml_array>(&found->value);
  if (given == nullptr) {
    wrong_type(*found, wanted);
    return nullptr;
  }
  if (given->entries.size() <= most)
    return given;
  object(key, fmt::format("has {} entries, but may have {} at most", given->entries.size(), most));
  return nullptr;
}

void table_reader::texts(std::string_view key, std::vector<std::string>& value, std::size_t most) {
  constexpr std::string_view wanted = "an array of strings";
  const auto* given = array_of(key, wanted, most);
  if (given == nullptr)
    return;
  value.clear();
  for (const auto& each : given->entries)
    if (const auto* text = std::get_if<std::string>(&each.value))
      value.push_back(*text);
    else
      object(key, fmt::format("has {} in it, but must be {}", kind_of(each.value), wanted));
}

void table_reader::ports(std::string_view key, std::vector<std::uint16_t>& value,
                         std::size_t most) {
  constexpr std::string_view wanted = "an array of ports";
  const auto* given = array_of(key, wanted, most);
  if (given == nullptr)
    return;
  value.clear();
  for (const auto& each : given->entries) {
    const auto* number = std::get_if<std::int64_t>(&each.value);
    if (number == nullptr)
      object(key, fmt::format("has {} in it, but must be {}", kind_of(each.value), wanted));
    else if (*number < 1 || *number > std::numeric_limits<std::uint16_t>::max())
      object(key, fmt::format("has {} in it, but a port is from 1 to 65535", *number));
    else
      value.push_back(static_cast<std::uint16_t>(*number));
  }
}

void table_reader::flag(std::string_view key, bool& value) {
  const auto* found = entry(key);
  if (found == nullptr)
    return;
  if (const auto* given = std::get_if<bool>(&found->value))
    value = *given;
  else
    wrong_type(*found, "true or false");
}

void table_reader::count(std::string_view key, std::uint32_t& value, std::uint32_t least,
                         std::uint32_t most) {
  const auto* found = entry(key);
  if (found == nullptr)
    return;
  const auto* given = std::get_if<std::int64_t>(&found->value);
  if (given == nullptr)
    wrong_type(*found, "a whole number");
  else if (*given < least || *given > most)
    object(key, fmt::format("is {}, but must be from {} to {}", *given, least, most));
  else
    value = static_cast<std::uint32_t>(*given);
}

void table_reader::number(std::string_view key, double& value, double least, double most) {
  const auto* found = entry(key);
  if (found == nullptr)
    return;
  double given = 0;
  if (const auto* real = std::get_if<double>(&found->value))
    given = *real;
  else if (const auto* integer = std::get_if<std::int64_t>(&found->value))
    given = static_cast<double>(*integer);
  else
    return wrong_type(*found, "a number");
  if (given >= least && given <= most) // written so that nan is refused too
    value = given;
  else
    object(key, fmt::format("is {}, but must be from {} to {}", given, least, most));
}

void table_reader::time(std::string_view key, duration& value, duration least, duration most) {
  const auto* given = text_of(key, duration_form);
  if (given == nullptr)
    return;
  auto parsed = parse_duration(*given);
  if (!parsed)
    object(key, fmt::format("is \"{}\", but must be {}", *given, duration_form));
  else if (*parsed < least || *parsed > most)
    object(key, fmt::format("is \"{}\", but must be from \"{}\" to \"{}\"", *given,
                            format_duration(least), format_duration(most)));
  else
    value = *parsed;
}

void table_reader::size(std::string_view key, std::uint64_t& value, std::uint64_t least,
                        std::uint64_t most) {
  const auto* given = text_of(key, size_form);
  if (given == nullptr)
    return;
  auto parsed = parse_size(*given);
  if (!parsed)
    object(key, fmt::format("is \"{}\", but must be {}", *given, size_form));
  else if (*parsed < least || *parsed > most)
    object(key, fmt::format("is \"{}\", but must be from \"{}\" to \"{}\"", *given,
                            format_size(least), format_size(most)));
  else
    value = *parsed;
}

const toml_entry* table_reader::table(std::string_view key) {
  const auto* found = entry(key);
  if (found != nullptr && !std::holds_alternative<toml_table>(found->value)) {
    wrong_type(*found, "a table");
    return nullptr;
  }
  return found;
}

void table_reader::object(std::string_view key, std::string_view text) {
  const auto* found = table_.find(key);
  problems_.add(found == nullptr ? 0 : found->line, fmt::format("{} {}", full_name(key), text));
}

void table_reader::finish() {
  for (const auto& each : table_.entries) {
    if (std::find(known_.begin(), known_.end(), each.key) != known_.end())
      continue;
    auto hint = nearest(each.key, known_);
    problems_.add(each.line,
                  hint ? fmt::format("{} is not a known key; did you mean {}?", full_name(each.key),
                                     full_name(*hint))
                       : fmt::format("{} is not a known key; remove it", full_name(each.key)));
  }
}

} // namespace pawl::config
