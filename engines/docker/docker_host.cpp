#include "engines/docker/docker_host.hpp"

#include "engines/docker/api_json.hpp"
#include "posix/digest.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

std::string digest_of_path(const std::filesystem::path& data_dir) {
  constexpr std::size_t prefix = 7; // "sha256:"
  constexpr std::size_t digits = 12;
  std::error_code problem;
  auto real = std::filesystem::canonical(data_dir, problem);
  digest path;
  path.add(problem ? data_dir.string() : real.string());
  return path.text().substr(prefix, digits);
}

} // namespace

docker_host::docker_host(docker_engine_config config)
    : config_(std::move(config)), server_(digest_of_path(config_.data_dir)),
      client_(config_.socket) {}

std::string docker_host::container_name(const std::string& what) const {
  return fmt::format("pawl-{}-{}", server_, what);
}

std::string docker_host::artifact_name(const std::string& app, const std::string& digest) {
  return fmt::format("pawl/{}:{}", app, digest_file_name(digest));
}

std::string docker_host::build_name(const std::string& app, const std::string& deployment) {
  return fmt::format("pawl/{}:build-{}", app, deployment);
}

label_map docker_host::labels(const std::string& kind) const {
  return {{server_label, server_}, {kind_label, kind}};
}

std::string docker_host::filter_for(const label_map& labels) const {
  auto wanted = json::array();
  for (const auto& [name, value] : labels)
    wanted.push_back(name + "=" + value);
  return "filters=" + url_part(to_text({{"label", wanted}}));
}

} // namespace pawl
