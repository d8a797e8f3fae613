#include "engines/docker/image_archive.hpp"

#include "engines/docker/build_output.hpp"
#include "engines/docker/container_look.hpp"
#include "engines/docker/container_plan.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

// A disk that writes a megabyte a second is at its end, and so is this call.
std::chrono::milliseconds limit_for(std::uint64_t bytes) {
  return 5min + std::chrono::seconds{bytes / limits::mib};
}

constexpr std::uint64_t most_saved(std::uint64_t bytes) {
  return 2 * bytes + 64 * limits::mib;
}

std::string shown(const std::string& app, const std::string& digest) {
  return fmt::format("the image {} of {}", digest, app);
}

} // namespace

result<void> image_archive::find_daemon() {
  return host_.client().negotiate();
}

result<std::optional<std::uint64_t>> image_archive::bytes_of(const std::string& app,
                                                             const std::string& digest) const {
  auto image = find_image(host_, docker_host::artifact_name(app, digest));
  if (image && image->id == digest)
    return std::optional{image->bytes};
  if (image || image.error().code == errc::not_found)
    return std::optional<std::uint64_t>{};
  return std::move(image).error();
}

result<std::uint64_t> image_archive::save(const std::string& app, const std::string& digest,
                                          const target& to) const {
  const auto name = docker_host::artifact_name(app, digest);
  auto bytes = bytes_of(app, digest);
  if (!bytes)
    return std::move(bytes).error();
  if (!*bytes)
    return error{errc::not_found, shown(app, digest) + " is not with the Docker daemon", {}};
  std::uint64_t saved = 0;
  result<void> taken;
  auto answer = host_.client().call(
      {.target = fmt::format("/images/{}/get", url_part(name)),
       .take =
           [&](std::string_view part) {
             saved += part.size();
             taken = saved > most_saved(**bytes) ? error{errc::too_large, "", {}} : to(part);
             return taken.has_value();
           },
       .limit = limit_for(**bytes)});
  if (!taken && taken.error().message.empty())
    return error{errc::too_large,
                 fmt::format("the Docker daemon gives more than {} bytes for {}, which has {}",
                             most_saved(**bytes), shown(app, digest), **bytes),
                 {}};
  if (!taken)
    return std::move(taken).error();
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "save " + shown(app, digest));
  return saved;
}

result<void> image_archive::load(const std::string& app, const std::string& digest,
                                 const source& from) const {
  constexpr auto load_limit = 1h; // of how many bytes is not known here
  build_output output{[](std::string_view, std::string_view) {}};
  auto answer =
      host_.client().call({.method = "POST",
                           .target = "/images/load?quiet=1",
                           .headers = {"Content-Type: application/x-tar"},
                           .upload = from,
                           .take = [&output](std::string_view bytes) { return output.take(bytes); },
                           .limit = load_limit});
  output.finish();
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "load " + shown(app, digest));
  if (output.problem())
    return error{errc::unavailable,
                 fmt::format("the Docker daemon did not load {}: {}", shown(app, digest),
                             output.problem()->message),
                 {}};
  auto there = bytes_of(app, digest);
  if (!there)
    return std::move(there).error();
  if (!*there)
    return error{errc::data_corruption,
                 fmt::format("the Docker daemon made another image of the file for {}: restore "
                             "another backup",
                             shown(app, digest)),
                 {}};
  return {};
}

result<std::vector<std::string>> image_archive::running() const {
  auto ids = find_containers(host_, host_.labels("instance"));
  if (!ids)
    return std::move(ids).error();
  std::vector<std::string> names;
  for (const auto& id : *ids)
    if (auto look = look_at_container(host_.client(), id);
        look && look->seen.state == instance_state::running)
      names.push_back(look->seen.name);
  return names;
}

} // namespace pawl
