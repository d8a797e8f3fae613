// Reads the keys of a TOML table into values, and collects every problem on the way instead of
// stopping at the first.
#pragma once

#include "config/document.hpp"
#include "config/problem_list.hpp"
#include "lifecycle/manifest.hpp"
#include "lifecycle/secret.hpp"

#include <optional>

namespace pawl::config {

// One table. Each function reads one key: where the key is missing the value stays as it is, where
// it is of the wrong type or out of range it is a problem. The keys that were read are the known
// ones; finish() reports all others. `table` and `problems` outlive the reader.
class table_reader {
public:
  // `name` as in the file ("build", "cluster.local"), empty for the root.
  table_reader(const toml_table& table, std::string name, problem_list& problems);

  void text(std::string_view key, std::string& value);
  void hidden_text(std::string_view key, secret& value); // no problem quotes it
  void texts(std::string_view key, std::vector<std::string>& value, std::size_t most);
  void ports(std::string_view key, std::vector<std::uint16_t>& value, std::size_t most);
  void flag(std::string_view key, bool& value);
  void count(std::string_view key, std::uint32_t& value, std::uint32_t least, std::uint32_t most);
  void number(std::string_view key, double& value, double least, double most);
  void time(std::string_view key, duration& value, duration least, duration most);
  void size(std::string_view key, std::uint64_t& value, std::uint64_t least, std::uint64_t most);

  // The entry of a key that is a table; nullptr if it is missing or (a problem) something else.
  const toml_entry* table(std::string_view key);

  // The entry of a key, whatever it is; nullptr if it is missing.
  const toml_entry* entry(std::string_view key);

  // A problem of a key's value. The key is in the table.
  void object(std::string_view key, std::string_view text);

  // Reports the keys that were not read, each with the nearest known one.
  void finish();

private:
  std::string full_name(std::string_view key) const;
  void wrong_type(const toml_entry& found, std::string_view wanted);
  const std::string* text_of(std::string_view key, std::string_view wanted);
  const toml_array* array_of(std::string_view key, std::string_view wanted, std::size_t most);

  const toml_table& table_;
  std::string name_;
  problem_list& problems_;
  std::vector<std::string> known_;
};

} // namespace pawl::config
