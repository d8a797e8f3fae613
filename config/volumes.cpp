#include "config/volumes.hpp"

#include "lifecycle/volumes.hpp"

#include <fmt/format.h>

namespace pawl::config {

namespace {

void read_volume(const toml_entry& entry, std::map<std::string, volume_settings>& volumes,
                 problem_list& problems) {
  if (auto good = check_volume_name(entry.key); !good)
    return problems.add(entry.line, good.error().message);
  const auto* table = std::get_if<toml_table>(&entry.value);
  if (table == nullptr)
    return problems.add(entry.line,
                        fmt::format("volume.{0} must be a table: write [volume.{0}] and below it "
                                    "path = \"/data\"",
                                    entry.key));
  table_reader reader{*table, "volume." + entry.key, problems};
  volume_settings volume;
  reader.text("path", volume.path);
  reader.finish();
  const auto* path = table->find("path");
  if (path == nullptr)
    return problems.add(entry.line, fmt::format("volume.{} has no path: add one, such as path = "
                                                "\"/data\"",
                                                entry.key));
  if (!std::holds_alternative<std::string>(path->value))
    return; // the wrong type has been reported
  if (auto good = check_volume_path(volume.path); !good)
    return problems.add(path->line, good.error().message);
  volumes.insert_or_assign(entry.key, std::move(volume));
}

} // namespace

void read_volumes(table_reader& root, std::map<std::string, volume_settings>& volumes,
                  problem_list& problems) {
  const auto* found = root.table("volume");
  if (found == nullptr)
    return;
  const auto& table = std::get<toml_table>(found->value);
  if (table.entries.size() > limits::volumes_per_app)
    return problems.add(found->line,
                        fmt::format("there are {} volumes, and an app may have {} at most",
                                    table.entries.size(), limits::volumes_per_app));
  for (const auto& entry : table.entries)
    read_volume(entry, volumes, problems);
  if (auto both = overlapping_volumes(volumes))
    problems.add(found->line,
                 fmt::format("the volume {} is at {}, where the volume {} is ({}): give each a "
                             "place of its own",
                             both->first, volumes.at(both->first).path, both->second,
                             volumes.at(both->second).path));
}

} // namespace pawl::config
