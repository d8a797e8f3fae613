#include "config/container_settings.hpp"

#include "config/variables.hpp"
#include "lifecycle/image_reference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace pawl::config {

namespace {

constexpr std::uint64_t number_of_user_most = 2'147'483'647; // Docker takes no larger one

bool is_text(const toml_entry* entry) {
  return entry != nullptr && std::holds_alternative<std::string>(entry->value);
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Names alone, from the source's root on; nothing if the path leads out of it, or to a folder.
std::optional<std::string> path_in_source(const std::string& given) {
  if (given.empty() || given.size() > limits::source_path_bytes || given.ends_with('/'))
    return std::nullopt;
  const std::filesystem::path path{given};
  if (path.is_absolute() || std::any_of(path.begin(), path.end(), [](const auto& name) {
        return name == ".." || name.native().size() > limits::source_component_bytes;
      }))
    return std::nullopt;
  auto clean = path.lexically_normal().native();
  if (clean.ends_with('/') || clean == ".")
    return std::nullopt;
  return clean;
}

void read_dockerfile(table_reader& reader, build_settings& build) {
  std::string given = build.dockerfile;
  reader.text("dockerfile", given);
  if (auto path = path_in_source(given))
    build.dockerfile = *std::move(path);
  else
    reader.object("dockerfile", "must be the path of a file in the source, such as "
                                "\"deploy/Dockerfile\", without .. and with no / in front");
}

void read_target(table_reader& reader, build_settings& build) {
  reader.text("target", build.target);
  const bool plain = std::all_of(build.target.begin(), build.target.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
  if (is_text(reader.entry("target")) &&
      (build.target.empty() || build.target.size() > limits::build_target_bytes || !plain))
    reader.object("target", fmt::format("must be the name of a stage of the Dockerfile (FROM … AS "
                                        "NAME): 1 to {} letters, digits, hyphens, dots and _",
                                        limits::build_target_bytes));
}

void read_image(table_reader& reader, build_settings& build) {
  reader.text("image", build.image);
  if (is_text(reader.entry("image")) && !parse_image_reference(build.image))
    reader.object("image", fmt::format("is \"{:.{}}\", but must be the name of an image, such as "
                                       "\"nginx:1.22\" or \"ghcr.io/acme/shop@sha256:…\"",
                                       build.image, limits::image_name_bytes));
  if (reader.entry("image") == nullptr)
    return;
  for (const auto* key : {"command", "dockerfile", "target", "args"})
    if (reader.entry(key) != nullptr)
      reader.object(key, "has no effect beside build.image, which runs as it is: remove one of "
                         "them");
}

// A number that Docker takes, or a name.
bool is_user_part(std::string_view part) {
  if (part.empty() || part.front() == '-' || part.front() == '.')
    return false;
  std::uint64_t number = 0;
  bool digits = true;
  for (char c : part) {
    if (!is_alphanumeric(c) && c != '-' && c != '_' && c != '.')
      return false;
    digits = digits && c >= '0' && c <= '9';
    if (digits && number <= number_of_user_most)
      number = 10 * number + static_cast<std::uint64_t>(c - '0');
  }
  return !digits || number <= number_of_user_most;
}

bool is_container_user(std::string_view text) {
  if (text.size() > limits::container_user_bytes)
    return false;
  const auto colon = text.find(':');
  return is_user_part(text.substr(0, colon)) &&
         (colon == std::string_view::npos || is_user_part(text.substr(colon + 1)));
}

} // namespace

void read_image_build(table_reader& reader, build_settings& build, problem_list& problems) {
  read_dockerfile(reader, build);
  read_target(reader, build);
  read_variables(reader, "build", "args", build.args, problems);
  if (build.args.size() > limits::build_args)
    reader.object("args", fmt::format("has {} entries, but may have {} at most", build.args.size(),
                                      limits::build_args));
  read_image(reader, build);
}

void read_confinement(table_reader& reader, run_settings& run) {
  reader.text("user", run.user);
  if (is_text(reader.entry("user")) && !is_container_user(run.user))
    reader.object("user", "must be a user of the image, by name or number, such as \"www-data\" or "
                          "\"1000\"; a group may follow, as in \"1000:1000\"");
  reader.flag("read_only", run.read_only);
}

bool names_containers(const manifest& app) {
  const build_settings usual;
  return !app.build.image.empty() || !app.build.target.empty() || !app.build.args.empty() ||
         app.build.dockerfile != usual.dockerfile;
}

} // namespace pawl::config
