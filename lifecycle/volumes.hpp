// The volumes that an app may ask for: their names, and the places where its instances find them.
#pragma once

#include "lifecycle/manifest.hpp"
#include "lifecycle/result.hpp"

#include <string_view>

namespace pawl {

// A name as that of an app. invalid_argument, which says how one has to be.
result<void> check_volume_name(std::string_view name);

// An absolute path of at most limits::volume_path_bytes, of names alone, that is not a directory of
// the system's nor in one, and not one that each instance has for itself (/app, /tmp).
// invalid_argument.
result<void> check_volume_path(std::string_view path);

// The first pair of volumes of which one is at the other's path or in it: the names of both.
std::optional<std::pair<std::string, std::string>>
overlapping_volumes(const std::map<std::string, volume_settings>& volumes);

// The path below the app's own tree of a volume that is in it ("data" for "/app/data"); empty for
// one that is elsewhere.
std::string path_in_app(const volume_settings& volume);

} // namespace pawl
