#include "bin/pawld/found_settings.hpp"

#include "detection/detection.hpp"
#include "lifecycle/cluster.hpp"
#include "sources/source_files.hpp"

#include <algorithm>
#include <array>

#include <unistd.h>

namespace pawl {

namespace {

// The machine's folders of programs that a sandbox has too.
bool is_on_machine(const std::string& program) {
  static constexpr auto folders = std::to_array<std::string_view>(
      {"/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"});
  return std::any_of(folders.begin(), folders.end(), [&](std::string_view folder) {
    return ::access((std::string{folder} + program).c_str(), X_OK) == 0;
  });
}

result<found_settings> find_settings(const manifest& said, const std::filesystem::path& tar,
                                     const std::string& engine) {
  if (!detection::leaves_open(said))
    return found_settings{said};
  auto files = look_into_tar(tar);
  if (!files)
    return std::move(files).error();
  const bool images = parse_engine_kind(engine) == engine_kind::docker;
  auto found = detection::fill_in(
      said, **files, images ? detection::dockerfiles::read : detection::dockerfiles::not_read);
  if (!found)
    return std::move(found).error();
  auto& tools = found->tools;
  tools.erase(std::remove_if(tools.begin(), tools.end(),
                             [](const auto& one) { return is_on_machine(one.program); }),
              tools.end());
  if (!tools.empty())
    return error{errc::build_failed, detection::missing_tools(tools), {}};
  return found_settings{std::move(found->settings), std::move(found->notes)};
}

} // namespace

settings_finder settings_finder_of_machine() {
  return find_settings;
}

} // namespace pawl
