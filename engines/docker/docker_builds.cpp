#include "engines/docker/docker_builds.hpp"

#include "engines/commands/shown.hpp"
#include "engines/docker/api_json.hpp"
#include "engines/docker/build_errors.hpp"
#include "engines/docker/container_look.hpp"
#include "engines/docker/container_plan.hpp"
#include "engines/docker/image_pull.hpp"
#include "engines/docker/registry_auth.hpp"
#include "engines/docker/spooled_context.hpp"
#include "posix/digest.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <thread>

#include <unistd.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto gone_patience = 10s; // from a closed connection to the end of the build's step

error stopped() {
  return {errc::cancelled, "the build was stopped on request", {}};
}

error out_of_time(const build_job& job) {
  return {errc::timed_out,
          fmt::format("the build did not end within its timeout of {}; timeout in [build] of "
                      "pawl.toml raises it",
                      shown_duration(job.settings.build.timeout)),
          {}};
}

// At least a millisecond: a call without a limit would have none.
std::chrono::milliseconds left_until(std::chrono::steady_clock::time_point end) {
  const auto left = end - std::chrono::steady_clock::now();
  return std::max(1ms, std::chrono::duration_cast<std::chrono::milliseconds>(left));
}

} // namespace

std::filesystem::path docker_builds::note_of(const std::string& deployment) const {
  return host_.directory() / "builds" / deployment;
}

// A name in the build's own /etc/hosts: the containers of a build bear no label, and this tells
// them from others, whatever the build prints.
std::string docker_builds::mark_of(const std::string& deployment) const {
  return host_.container_name("build-" + deployment);
}

result<void> docker_builds::build(const build_job& job, const line_sink& sink,
                                  const std::stop_token& stop) {
  if (!is_plain_name(job.deployment))
    return error{errc::invalid_argument, "a deployment's id is no name for an image", {}};
  keyed_mutex::lock mine{calls_, job.deployment};
  // While this call waited, its lane may have died, and the next one may have removed the build.
  if (stop.stop_requested())
    return stopped();
  const auto end = clock::now() + job.settings.build.timeout;
  while (true) {
    auto built = attempt(job, sink, end, stop);
    if (built || !is_outage(built.error()))
      return built;
    sink("stderr", "pawl: the Docker daemon ended during the build, which begins again");
  }
}

result<void> docker_builds::attempt(const build_job& job, const line_sink& sink,
                                    clock::time_point end, const std::stop_token& stop) const {
  if (auto up = host_.client().wait_for_daemon(host_.config().patience, stop); !up) {
    auto why = std::move(up).error();
    why.details.erase("reason"); // it was waited for already
    return why;
  }
  if (auto begun = begin(job); !begun)
    return begun;
  return job.settings.build.image.empty() ? build_source(job, sink, end, stop)
                                          : take_image(job, sink, end, stop);
}

// The name is resolved once: from here on the image is known by its id.
result<void> docker_builds::take_image(const build_job& job, const line_sink& sink,
                                       clock::time_point end, const std::stop_token& stop) const {
  auto image = pull_image(host_, job.settings.build.image, sink, left_until(end), stop);
  if (!image && stop.stop_requested())
    return stopped();
  if (!image && image.error().code == errc::timed_out)
    return out_of_time(job);
  if (!image)
    return std::move(image).error();
  return give_name(image->id, docker_host::build_name(job.app, job.deployment));
}

result<void> docker_builds::begin(const build_job& job) const {
  const auto note = note_of(job.deployment);
  if (auto made = make_directories(note.parent_path()); !made)
    return made;
  if (auto noted = write_file_durably(note, job.app); !noted)
    return noted;
  return take_name(docker_host::build_name(job.app, job.deployment));
}

std::string docker_builds::query_of(const build_job& job, const std::string& dockerfile) const {
  const auto& config = host_.config();
  const auto& build = job.settings.build;
  // Each is a step of the build, in the order of the names: the last one alone is not cached.
  const label_map labels{{app_label, job.app}, {deployment_label, job.deployment}};
  auto query = fmt::format(
      "/build?t={}&dockerfile={}&rm=1&forcerm=1&labels={}&memory={}&memswap={}&extrahosts={}",
      url_part(docker_host::build_name(job.app, job.deployment)), url_part(dockerfile),
      url_part(to_text(labels)), config.build_memory_bytes, config.build_memory_bytes,
      url_part(mark_of(job.deployment) + ":127.0.0.1"));
  if (!build.network)
    query += "&networkmode=none";
  if (!build.target.empty())
    query += "&target=" + url_part(build.target);
  if (!build.args.empty())
    query += "&buildargs=" + url_part(to_text(build.args));
  return query;
}

result<void> docker_builds::build_source(const build_job& job, const line_sink& sink,
                                         clock::time_point end, const std::stop_token& stop) const {
  auto logins = build_logins(host_.config().registries);
  if (!logins)
    return std::move(logins).error();
  std::vector<std::string> headers{"Content-Type: application/x-tar"};
  if (!logins->empty())
    headers.push_back(*logins);
  auto context = spooled_context::make(job, note_of(job.deployment).parent_path(), stop);
  if (!context)
    return std::move(context).error();
  build_output output{sink};
  auto answer =
      host_.client().call({.method = "POST",
                           .target = query_of(job, context->facts().dockerfile),
                           .headers = {"Content-Type: application/x-tar"},
                           .upload = context->reader(),
                           .take = [&output](std::string_view bytes) { return output.take(bytes); },
                           .limit = left_until(end)},
                          stop);
  output.finish();
  if (!answer) {
    see_gone(job.deployment, output.containers());
    if (stop.stop_requested())
      return stopped();
    return answer.error().code == errc::timed_out ? out_of_time(job) : std::move(answer).error();
  }
  if (!answer->success())
    return build_refused(*answer, job.settings);
  if (output.problem())
    return step_failed(*output.problem(), host_.config().build_memory_bytes);
  if (output.image().empty())
    return error{errc::unavailable,
                 "the Docker daemon ended the build without a result; see why (journalctl -u "
                 "docker), and deploy again",
                 {}};
  return {};
}

// The daemon ends a build whose connection is closed. One that does not is ended here; also a step
// that the daemon has begun, and whose container it has not told of.
void docker_builds::see_gone(const std::string& deployment,
                             std::set<std::string> containers) const {
  const auto end = clock::now() + gone_patience;
  auto kill_from = clock::now() + gone_patience / 2;
  containers.merge(containers_of(deployment, {"created", "running"}));
  for (const auto& id : containers)
    while (clock::now() < end && is_of_build(deployment, id)) {
      if (clock::now() >= kill_from) [[maybe_unused]]
        auto removed = remove_container(host_.client(), id);
      std::this_thread::sleep_for(20ms);
    }
}

bool docker_builds::is_of_build(const std::string& deployment, const std::string& container) const {
  auto answer =
      host_.client().call({.target = fmt::format("/containers/{}/json", url_part(container))});
  if (!answer || !answer->success())
    return false;
  const auto hosts = to_text(member(member(parse_json(answer->body), "HostConfig"), "ExtraHosts"));
  return hosts.find('"' + mark_of(deployment) + ':') != std::string::npos;
}

std::set<std::string>
docker_builds::containers_of(const std::string& deployment,
                             const std::vector<std::string>& in_states) const {
  constexpr std::size_t looked_at = 200; // the newest, also others': each costs a millisecond
  const json wanted{{"status", in_states}};
  auto answer =
      host_.client().call({.target = fmt::format("/containers/json?all=1&limit={}&filters={}",
                                                 looked_at, url_part(to_text(wanted)))});
  const auto found = answer && answer->success() ? parse_json(answer->body) : json{};
  std::set<std::string> ours;
  if (found.is_array())
    for (const auto& one : found)
      if (auto id = text_in(one, "Id"); is_of_build(deployment, id))
        ours.insert(std::move(id));
  return ours;
}

// A step that a dying daemon left is a container that ends, at the latest, when the next one
// starts, and that nobody removes.
void docker_builds::remove_rests(const std::string& deployment) const {
  for (const auto& id : containers_of(deployment, {"exited", "created", "dead"}))
    [[maybe_unused]] auto removed = remove_container(host_.client(), id);
}

result<artifact> docker_builds::push(const build_job& job, const std::stop_token& stop) {
  if (!is_plain_name(job.deployment))
    return error{errc::invalid_argument, "a deployment's id is no name for an image", {}};
  keyed_mutex::lock mine{calls_, job.deployment};
  if (auto up = host_.client().wait_for_daemon(host_.config().patience, stop); !up)
    return std::move(up).error();
  auto image = find_image(host_, docker_host::build_name(job.app, job.deployment));
  if (!image && image.error().code == errc::not_found)
    return error{errc::not_found,
                 fmt::format("there is no complete build of deployment {}", job.deployment),
                 {}};
  if (!image)
    return std::move(image).error();
  if (!is_digest(image->id))
    return error{errc::unavailable, "the Docker daemon gave an image an id that is no digest", {}};
  if (auto named = give_name(image->id, docker_host::artifact_name(job.app, image->id)); !named)
    return std::move(named).error();
  return artifact{image->id, image->bytes};
}

result<void> docker_builds::give_name(const std::string& image, const std::string& name) const {
  const auto colon = name.rfind(':');
  auto answer = host_.client().call(
      {.method = "POST",
       .target = fmt::format("/images/{}/tag?repo={}&tag={}", url_part(image),
                             url_part(name.substr(0, colon)), url_part(name.substr(colon + 1)))});
  if (!answer)
    return std::move(answer).error();
  return answer->success() ? result<void>{} : refusal_of(*answer, "name the image " + image);
}

// The image itself goes with its last name.
result<void> docker_builds::take_name(const std::string& name) const {
  constexpr long absent = 404;
  auto answer = host_.client().call({.method = "DELETE", .target = "/images/" + url_part(name)});
  if (!answer)
    return std::move(answer).error();
  if (answer->success() || answer->status == absent)
    return {};
  return refusal_of(*answer, "take the name " + name + " from its image");
}

// While no daemon answers, nobody knows: then start() says so.
bool docker_builds::has_artifact(const std::string& app, const std::string& digest) const {
  auto image = find_image(host_, docker_host::artifact_name(app, digest));
  return image ? image->id == digest : image.error().code != errc::not_found;
}

// One that cannot be discarded now is discarded with the next one that can, or at the next start:
// its note stays.
void docker_builds::discard(const std::string& deployment) {
  if (!is_plain_name(deployment))
    return;
  std::set<std::string> due;
  {
    std::lock_guard lock{mutex_};
    due.swap(late_);
  }
  if (removed(deployment))
    std::erase_if(due, [this](const std::string& earlier) { return removed(earlier); });
  else
    due.insert(deployment);
  std::lock_guard lock{mutex_};
  late_.merge(due);
}

bool docker_builds::removed(const std::string& deployment) {
  keyed_mutex::lock mine{calls_, deployment};
  const auto note = note_of(deployment);
  auto app = read_file(note, limits::kib);
  if (!app)
    return true;
  if (!host_.client().wait_for_daemon(host_.config().patience, {}))
    return false;
  if (!app->empty() && !take_name(docker_host::build_name(*app, deployment)))
    return false;
  remove_rests(deployment);
  ::unlink(note.c_str());
  return true;
}

std::vector<std::string> docker_builds::leftovers() const {
  return names_in(host_.directory() / "builds");
}

} // namespace pawl
