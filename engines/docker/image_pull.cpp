#include "engines/docker/image_pull.hpp"

#include "engines/docker/build_errors.hpp"
#include "engines/docker/build_output.hpp"
#include "engines/docker/registry_auth.hpp"
#include "lifecycle/image_reference.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

std::string tag_of(const image_reference& image) {
  if (!image.digest.empty())
    return image.digest;
  return image.tag.empty() ? "latest" : image.tag;
}

// The name without its tag and digest, as it was written.
std::string repository_of(const std::string& name) {
  const auto bare = name.substr(0, name.find('@'));
  const auto colon = bare.rfind(':');
  const bool has_tag = colon != std::string::npos && bare.find('/', colon) == std::string::npos;
  return has_tag ? bare.substr(0, colon) : bare;
}

result<void> ask_registry(const docker_host& host, const std::string& name,
                          const image_reference& image, const line_sink& sink,
                          std::chrono::milliseconds limit, const std::stop_token& stop) {
  auto login = pull_login(host.config().registries, image.registry);
  if (!login)
    return std::move(login).error();
  build_output output{sink};
  auto answer = host.client().call(
      {.method = "POST",
       .target = fmt::format("/images/create?fromImage={}&tag={}", url_part(repository_of(name)),
                             url_part(tag_of(image))),
       .headers = login->empty() ? std::vector<std::string>{} : std::vector{*login},
       .take = [&output](std::string_view bytes) { return output.take(bytes); },
       .limit = limit},
      stop);
  output.finish();
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return pull_failed(name, message_in(*answer));
  if (output.problem())
    return pull_failed(name, output.problem()->message);
  return {};
}

} // namespace

result<image_facts> pull_image(const docker_host& host, const std::string& name,
                               const line_sink& sink, std::chrono::milliseconds limit,
                               const std::stop_token& stop) {
  const auto image = parse_image_reference(name);
  if (!image)
    return error{errc::invalid_argument,
                 fmt::format("image in [build] is \"{}\", which is no name of an image", name),
                 {}};
  auto here = find_image(host, name);
  if (!here && here.error().code != errc::not_found)
    return here;
  if (here && (!image->digest.empty() || !here->from_registry))
    return here;
  auto pulled = ask_registry(host, name, *image, sink, limit, stop);
  if (pulled)
    return find_image(host, name);
  if (!here || !is_registry_outage(pulled.error()))
    return std::move(pulled).error();
  sink("stderr", fmt::format("pawl: {}. The image that the Docker daemon has by that name is used",
                             pulled.error().message));
  return here;
}

} // namespace pawl
