#include "lifecycle/volumes.hpp"

#include "lifecycle/bounded_text.hpp"
#include "lifecycle/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl {

namespace {

constexpr std::string_view app_tree = "/app";

// Programs, and the kernel's own, are there: an app that wrote over them would not start.
constexpr std::array<std::string_view, 12> system_places{"/usr", "/bin",   "/sbin",  "/lib",
                                                         "/etc", "/lib32", "/lib64", "/libx32",
                                                         "/dev", "/proc",  "/sys",   "/boot"};

// An instance has these for itself; a volume may be below them.
constexpr std::array<std::string_view, 7> own_places{app_tree, "/tmp",  "/var/tmp", "/run",
                                                     "/var",   "/home", "/root"};

bool is_in(std::string_view path, std::string_view place) {
  return path.starts_with(place) && (path.size() == place.size() || path[place.size()] == '/');
}

// "/data" or "/srv/shop/files": no empty name, no dot alone, no control character.
bool is_clean(std::string_view path) {
  if (path.size() < 2 || path.front() != '/' || path.back() == '/' ||
      path.size() > limits::volume_path_bytes)
    return false;
  if (std::any_of(path.begin(), path.end(),
                  [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }))
    return false;
  for (auto rest = path; !rest.empty();) {
    rest.remove_prefix(1);
    const auto name = rest.substr(0, rest.find('/'));
    if (name.empty() || name == "." || name == ".." || name.size() > limits::source_component_bytes)
      return false;
    rest.remove_prefix(name.size());
  }
  return true;
}

error bad_path(std::string_view path, std::string_view why) {
  return {errc::invalid_argument,
          fmt::format("\"{}\" cannot be the path of a volume: {}",
                      shortened(std::string{path}, 100), why),
          {}};
}

} // namespace

result<void> check_volume_name(std::string_view name) {
  return check_name("volume", name);
}

result<void> check_volume_path(std::string_view path) {
  if (!is_clean(path))
    return bad_path(path, fmt::format("write an absolute path of at most {} bytes, such as "
                                      "\"/data\", without .. and with no / at its end",
                                      limits::volume_path_bytes));
  for (auto place : system_places)
    if (is_in(path, place))
      return bad_path(path, fmt::format("{} is the system's; use a directory of the app's own, "
                                        "such as \"/data\"",
                                        place));
  if (std::find(own_places.begin(), own_places.end(), path) != own_places.end())
    return bad_path(path, fmt::format("each instance has {0} for itself; use a directory such as "
                                      "\"/data\" or \"{0}/data\"",
                                      path));
  return {};
}

std::optional<std::pair<std::string, std::string>>
overlapping_volumes(const std::map<std::string, volume_settings>& volumes) {
  for (const auto& [name, volume] : volumes)
    for (const auto& [other, outer] : volumes)
      if (name != other && is_in(volume.path, outer.path))
        return std::pair{name, other};
  return std::nullopt;
}

std::string path_in_app(const volume_settings& volume) {
  return is_in(volume.path, app_tree) && volume.path.size() > app_tree.size()
             ? volume.path.substr(app_tree.size() + 1)
             : std::string{};
}

} // namespace pawl
