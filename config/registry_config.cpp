#include "config/registry_config.hpp"

#include "config/table_reader.hpp"
#include "config/values.hpp"
#include "lifecycle/image_reference.hpp"
#include "lifecycle/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

// Docker's own registry has two names.
std::string registry_of(const std::string& name) {
  return name == "index.docker.io" ? "docker.io" : name;
}

bool is_user(std::string_view text) {
  return !text.empty() && text.size() <= limits::registry_user_bytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; }) &&
         text.find(':') == std::string_view::npos;
}

// Reports a key that is needed at its own line, or at its table's where it is missing.
void object(const toml_entry& outer, const std::string& name, std::string_view key,
            std::string_view text, problem_list& problems) {
  const auto* found = std::get<toml_table>(outer.value).find(key);
  if (found == nullptr || std::holds_alternative<std::string>(found->value))
    problems.add(found != nullptr ? found->line : outer.line,
                 fmt::format("{}.{} {}", name, key, text));
}

registry_login read_login(const toml_entry& entry, const std::filesystem::path& base,
                          problem_list& problems) {
  registry_login login;
  login.registry = registry_of(entry.key);
  const auto name = fmt::format("registry.{}", toml_string(entry.key));
  table_reader reader{std::get<toml_table>(entry.value), name, problems};
  reader.text("user", login.user);
  if (!is_user(login.user))
    object(entry, name, "user",
           fmt::format("has to be the name that the registry knows the server by: 1 to {} "
                       "printable characters without spaces and colons",
                       limits::registry_user_bytes),
           problems);
  std::string file;
  reader.text("password_file", file);
  if (file.empty())
    object(entry, name, "password_file",
           "has to be the path of a file with mode 0600 that holds the password or token of that "
           "user",
           problems);
  login.password_file = (base / file).lexically_normal();
  reader.finish();
  return login;
}

// [registry.ghcr.io] is the table `io` in the table `ghcr`.
bool has_dots_without_quotes(const toml_table& table) {
  return std::any_of(table.entries.begin(), table.entries.end(), [](const toml_entry& each) {
    return std::holds_alternative<toml_table>(each.value);
  });
}

} // namespace

std::vector<registry_login> read_registries(const toml_table& registries,
                                            const std::filesystem::path& base_directory,
                                            problem_list& problems) {
  std::vector<registry_login> all;
  if (registries.entries.size() > limits::registries) {
    problems.add(registries.entries[limits::registries].line,
                 fmt::format("registry has {} entries, but may have {} at most",
                             registries.entries.size(), limits::registries));
    return all;
  }
  for (const auto& each : registries.entries) {
    const auto* table = std::get_if<toml_table>(&each.value);
    const auto registry = registry_of(each.key);
    const bool is_twice = std::any_of(all.begin(), all.end(), [&](const registry_login& other) {
      return other.registry == registry;
    });
    if (table == nullptr)
      problems.add(each.line, fmt::format("registry.{} is {}, but must be a table",
                                          toml_string(each.key), kind_of(each.value)));
    else if (has_dots_without_quotes(*table))
      problems.add(each.line,
                   fmt::format("registry.{}.{} has dots in its name: put that in quotes, as in "
                               "[registry.\"ghcr.io\"]",
                               each.key, table->entries.front().key));
    else if (!is_registry_name(each.key))
      problems.add(each.line,
                   fmt::format("{} cannot be the name of a registry: write its host as images have "
                               "it, with its port if it has one, such as \"ghcr.io\" or "
                               "\"registry.example.org:5000\"",
                               toml_string(each.key)));
    else if (is_twice)
      problems.add(each.line, fmt::format("registry.{} is another name of a registry that has a "
                                          "table already: remove one of them",
                                          toml_string(each.key)));
    else
      all.push_back(read_login(each, base_directory, problems));
  }
  return all;
}

} // namespace pawl::config
