// Reads an app's pawl.toml. The CLI does it before it sends anything, the server does it again with
// what it was sent.
#pragma once

#include "lifecycle/manifest.hpp"
#include "lifecycle/result.hpp"

#include <optional>
#include <string_view>

namespace pawl::config {

// Whether the manifest has to name its app: with -a it need not.
enum class app_name : std::uint8_t { optional, required };

// Whether the manifest, or a Procfile, has to say how the app is started. An image can have a
// command of its own: where the manifest names one, or says how one is built, none is asked for.
enum class start_command : std::uint8_t { required, may_be_of_image };

// The manifest with its defaults filled in. `procfile` is the text of the app's Procfile, if there
// is one: its web and release lines are the commands where the manifest has none. An app without a
// pawl.toml has the empty text. Fails with one invalid_argument error whose message has a line for
// each problem, with the number of its line in pawl.toml; with too_large over
// limits::manifest_bytes. Which settings fit the engine of a cluster is said elsewhere
// (lifecycle/engine_fit.hpp).
result<manifest> read_manifest(std::string_view toml, std::optional<std::string_view> procfile,
                               app_name needs = app_name::optional,
                               start_command start = start_command::required);

} // namespace pawl::config
