#include "config/places.hpp"

#include <unistd.h>

#include <cstdlib>

namespace pawl::config {

namespace {

// $VARIABLE/pawl, else $HOME/FALLBACK/pawl. The specification says that a relative path in one of
// its variables is to be ignored.
std::optional<std::filesystem::path> base_directory(const surroundings& here, const char* variable,
                                                    const char* fallback) {
  if (auto value = here.variable(variable); value && value->starts_with('/'))
    return std::filesystem::path{*value} / "pawl";
  if (auto home = here.variable("HOME"); home && home->starts_with('/'))
    return std::filesystem::path{*home} / fallback / "pawl";
  return std::nullopt;
}

} // namespace

surroundings own_surroundings() {
  return {::geteuid() == 0, [](const char* name) -> std::optional<std::string> {
            const char* value = std::getenv(name);
            if (value == nullptr || *value == '\0')
              return std::nullopt;
            return std::string{value};
          }};
}

result<std::filesystem::path> default_socket(const surroundings& here) {
  if (here.root)
    return std::filesystem::path{"/run/pawl/pawld.sock"};
  if (auto runtime = here.variable("XDG_RUNTIME_DIR"); runtime && runtime->starts_with('/'))
    return std::filesystem::path{*runtime} / "pawl" / "pawld.sock";
  return error{errc::invalid_argument,
               "XDG_RUNTIME_DIR is not set, so the place of the server's socket is not known: set "
               "it, or name the socket",
               {}};
}

result<std::filesystem::path> default_data_directory(const surroundings& here) {
  if (here.root)
    return std::filesystem::path{"/var/lib/pawl"};
  if (auto state = base_directory(here, "XDG_STATE_HOME", ".local/state"))
    return *state;
  return error{errc::invalid_argument,
               "neither XDG_STATE_HOME nor HOME is set, so the data directory is not known: set "
               "data_dir",
               {}};
}

std::optional<std::filesystem::path> client_config_file(const surroundings& here) {
  auto directory = base_directory(here, "XDG_CONFIG_HOME", ".config");
  if (!directory)
    return std::nullopt;
  return *directory / "config.toml";
}

} // namespace pawl::config
