#include "config/access_config.hpp"

#include "config/table_reader.hpp"
#include "lifecycle/token.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

constexpr std::size_t users_max = 10'000;

bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::user_name_bytes &&
         std::none_of(name.begin(), name.end(),
                      [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

void read_role(table_reader& reader, grant& given) {
  constexpr auto key = "role";
  std::string name;
  reader.text(key, name);
  if (auto known = parse_role(name))
    given.role = *known;
  else if (name.empty())
    reader.object(key, "is missing: it is \"view\", \"deploy\" or \"admin\"");
  else
    reader.object(key,
                  fmt::format("is \"{}\", but must be \"view\", \"deploy\" or \"admin\"", name));
}

// Each name on its own, so that all mistakes are told at once.
void check_names(table_reader& reader, std::string_view key, std::string_view what,
                 const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (auto good = check_name(what, *name); !good)
      reader.object(key, fmt::format("can never match: {}", good.error().message));
    else if (std::find(names.begin(), name, *name) != name)
      reader.object(key, fmt::format("has \"{}\" twice", *name));
  }
}

void check_clusters(table_reader& reader, std::string_view key,
                    const std::vector<std::string>& names,
                    const std::vector<cluster_settings>& clusters) {
  for (const auto& name : names)
    if (check_name("cluster", name) &&
        std::none_of(clusters.begin(), clusters.end(),
                     [&](const cluster_settings& one) { return one.name == name; }))
      reader.object(key, fmt::format("has \"{0}\" in it, which can never match: there is no "
                                     "[cluster.{0}]; add it, or correct the name",
                                     name));
}

grant read_user(const toml_table& table, const std::string& user,
                const std::vector<cluster_settings>& clusters, problem_list& problems) {
  grant given;
  table_reader reader{table, "access.users." + user, problems};
  read_role(reader, given);
  reader.texts("apps", given.apps, limits::granted_names);
  check_names(reader, "apps", "app", given.apps);
  reader.texts("clusters", given.clusters, limits::granted_names);
  check_names(reader, "clusters", "cluster", given.clusters);
  check_clusters(reader, "clusters", given.clusters, clusters);
  // Nothing and an empty list look alike and would mean all.
  for (const auto* key : {"apps", "clusters"})
    if (const auto* entry = reader.entry(key))
      if (const auto* list = std::get_if<toml_array>(&entry->value); list && list->entries.empty())
        reader.object(key, "is empty, which would mean all: leave the key out for all, or name "
                           "some");
  reader.finish();
  return given;
}

} // namespace

std::map<std::string, grant> read_access(const toml_table& access,
                                         const std::vector<cluster_settings>& clusters,
                                         problem_list& problems) {
  std::map<std::string, grant> users;
  table_reader reader{access, "access", problems};
  if (const auto* all = reader.table("users")) {
    const auto& entries = std::get<toml_table>(all->value).entries;
    if (entries.size() > users_max)
      reader.object(
          "users", fmt::format("has {} users, but may have {} at most", entries.size(), users_max));
    for (const auto& each : entries) {
      const auto* table = std::get_if<toml_table>(&each.value);
      if (!is_user_name(each.key))
        problems.add(each.line, fmt::format("access.users has a name that no user can have: it has "
                                            "1 to {} bytes, and no control characters",
                                            limits::user_name_bytes));
      else if (table == nullptr)
        problems.add(each.line,
                     fmt::format("access.users.{} is {}, but must be a table, such as {{ role = "
                                 "\"deploy\", apps = [\"shop\"] }}",
                                 each.key, kind_of(each.value)));
      else
        users.emplace(each.key, read_user(*table, each.key, clusters, problems));
    }
  }
  reader.finish();
  return users;
}

} // namespace pawl::config
