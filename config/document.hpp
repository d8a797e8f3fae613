// A TOML text as a tree that remembers the order and the lines of the file.
#pragma once

#include "config/problem_list.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pawl::config {

struct toml_entry;

struct toml_table {
  std::vector<toml_entry> entries; // in the order of the file

  const toml_entry* find(std::string_view key) const;
};

struct toml_array {
  std::vector<toml_entry> entries; // their keys are empty
};

// A value of a kind that no configuration of ours uses: a date, a time.
struct toml_other {
  std::string_view kind; // "a date", …
};

using toml_value =
    std::variant<std::string, std::int64_t, double, bool, toml_table, toml_array, toml_other>;

struct toml_entry {
  std::string key;
  std::uint32_t line = 0; // from 1
  toml_value value;
};

// The kind of a value, for messages: "a string", "a table", …
std::string_view kind_of(const toml_value& value);

// The whole text, or as much of it as can be read beside lines that are no TOML by themselves; each
// of those is a problem. Nothing where a mistake leaves open what the lines behind it mean, as a
// table's name that is no TOML does.
std::optional<toml_table> read_toml(std::string_view text, problem_list& problems);

} // namespace pawl::config
