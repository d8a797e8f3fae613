#include "config/app_place.hpp"

#include "lifecycle/names.hpp"

#include <algorithm>
#include <filesystem>

namespace pawl::config {

namespace {

// Names alone, from the source's root on; nothing if the path leads out of it.
std::optional<std::string> folder_in_source(const std::string& given) {
  const std::filesystem::path path{given};
  const bool plain = std::none_of(given.begin(), given.end(),
                                  [](char c) { return static_cast<unsigned char>(c) < ' '; });
  if (!plain || path.is_absolute() || given.size() > limits::source_path_bytes ||
      std::any_of(path.begin(), path.end(), [](const auto& name) {
        return name == ".." || name.native().size() > limits::source_component_bytes;
      }))
    return std::nullopt;
  auto clean = path.lexically_normal().native();
  if (clean.ends_with('/'))
    clean.pop_back();
  return clean == "." ? std::string{} : clean;
}

} // namespace

void read_root(table_reader& reader, build_settings& build) {
  std::string given;
  reader.text("root", given);
  if (auto path = folder_in_source(given))
    build.root = *std::move(path);
  else
    reader.object("root", "must be a folder of the source, such as \"apps/api\", without .. and "
                          "with no / in front");
}

void read_cluster(table_reader& reader, manifest& app) {
  reader.text("cluster", app.cluster);
  const auto* entry = reader.entry("cluster");
  if (entry == nullptr || !std::holds_alternative<std::string>(entry->value))
    return;
  if (auto fits = check_name("cluster", app.cluster); !fits)
    reader.object("cluster", "must be the name of a cluster of the server, such as \"staging\"; "
                             "pawl clusters lists them");
}

} // namespace pawl::config
