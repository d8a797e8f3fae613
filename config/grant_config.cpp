#include "config/grant_config.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::config {

namespace {

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

// Nothing and an empty list look alike and would mean all.
void check_empty_lists(table_reader& reader) {
  for (const auto* key : {"apps", "clusters"})
    if (const auto* entry = reader.entry(key))
      if (const auto* list = std::get_if<toml_array>(&entry->value); list && list->entries.empty())
        reader.object(key, "is empty, which would mean all: leave the key out for all, or name "
                           "some");
}

} // namespace

grant read_grant(table_reader& reader, const std::vector<cluster_settings>& clusters) {
  grant given;
  read_role(reader, given);
  reader.texts("apps", given.apps, limits::granted_names);
  check_names(reader, "apps", "app", given.apps);
  reader.texts("clusters", given.clusters, limits::granted_names);
  check_names(reader, "clusters", "cluster", given.clusters);
  check_clusters(reader, "clusters", given.clusters, clusters);
  check_empty_lists(reader);
  return given;
}

} // namespace pawl::config
