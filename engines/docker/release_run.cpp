#include "engines/docker/release_run.hpp"

#include "engines/commands/shown.hpp"
#include "engines/docker/api_json.hpp"
#include "engines/docker/container_look.hpp"
#include "engines/docker/container_plan.hpp"
#include "engines/docker/line_cutter.hpp"
#include "engines/docker/log_frames.hpp"

#include <fmt/format.h>

#include <csignal>

namespace pawl {

namespace {

using namespace std::chrono_literals;

// The container, gone at the end of the object.
class release_container {
public:
  release_container(const docker_host& host, std::string name)
      : host_(host), name_(std::move(name)) {}
  ~release_container() { [[maybe_unused]] auto removed = remove_container(host_.client(), name_); }
  release_container(const release_container&) = delete;
  release_container& operator=(const release_container&) = delete;

  // One of an earlier call, which was interrupted, makes room.
  result<void> start(const std::string& request) {
    if (auto removed = remove_container(host_.client(), name_); !removed)
      return removed;
    if (auto made = post("/containers/create?name=" + name_, request); !made)
      return made;
    return post(fmt::format("/containers/{}/start", name_), {});
  }

  // Passes on its output until it ends.
  result<void> follow(const line_sink& sink, duration limit, const std::stop_token& stop) {
    line_cutter lines{sink};
    log_frames frames{
        false, [&lines](const log_frames::frame& part) { lines.take(part.stream, part.text); }};
    auto answer = host_.client().call(
        {.target = fmt::format("/containers/{}/logs?follow=1&stdout=1&stderr=1", name_),
         .take = [&frames](std::string_view bytes) { return frames.take(bytes); },
         .limit = limit},
        stop);
    lines.finish();
    return answer ? result<void>{} : std::move(answer).error();
  }

  result<container_look> look() {
    // Its output may end a moment before it does.
    auto waited = host_.client().call(
        {.method = "POST", .target = fmt::format("/containers/{}/wait", name_)});
    if (!waited)
      return std::move(waited).error();
    return look_at_container(host_.client(), name_);
  }

private:
  result<void> post(const std::string& target, const std::string& body) {
    constexpr auto creation_limit = 5min;
    auto answer = host_.client().call(
        {.method = "POST", .target = target, .body = body, .limit = creation_limit});
    if (!answer)
      return std::move(answer).error();
    return answer->success() ? result<void>{} : refusal_of(*answer, "run the release command");
  }

  const docker_host& host_;
  const std::string name_;
};

result<void> judge_end(const instance& ended, const instance_spec& spec) {
  constexpr int killed = 128 + SIGKILL;
  const auto status = ended.exit_status.value_or(killed);
  if (status == 0)
    return {};
  error why{errc::release_failed,
            fmt::format("the release command failed: \"{}\" ended with exit status {}",
                        shown_command(spec.settings.release.command), status),
            {{"exit_status", std::to_string(status)}}};
  if (status > 128 && status < 128 + NSIG)
    why.details["signal"] = std::to_string(status - 128);
  if (ended.out_of_memory) {
    why.message = fmt::format("the release command was stopped: it used more than {} of memory",
                              shown_bytes(spec.memory_bytes));
    why.details["reason"] = "memory";
  }
  return why;
}

} // namespace

result<void> run_release_in_container(const docker_host& host, const instance_spec& spec,
                                      const line_sink& sink, const std::stop_token& stop) {
  const auto& settings = spec.settings.release;
  if (auto up = host.client().wait_for_daemon(host.config().patience, stop); !up)
    return std::move(up).error();
  auto image = find_image(host, docker_host::artifact_name(spec.lane.app, spec.artifact));
  if (!image && image.error().code == errc::not_found)
    return error{errc::release_failed,
                 fmt::format("the image {} of {} is not with the Docker daemon any more; deploy "
                             "the app again",
                             spec.artifact, spec.lane.app),
                 {{"artifact", spec.artifact}}};
  if (!image)
    return std::move(image).error();
  release_container one{host, host.container_name("release-" + spec.deployment)};
  if (auto started = one.start(release_request(host, spec, *image)); !started)
    return error{errc::release_failed, std::move(started).error().message, {}};
  if (auto followed = one.follow(sink, settings.timeout, stop); !followed) {
    if (stop.stop_requested())
      return error{errc::cancelled, "the release command was stopped on request", {}};
    if (followed.error().code == errc::timed_out)
      return error{errc::timed_out,
                   fmt::format("the release command did not end within its timeout of {}: {}",
                               shown_duration(settings.timeout), shown_command(settings.command)),
                   {}};
    return followed;
  }
  auto end = one.look();
  if (!end)
    return std::move(end).error();
  return judge_end(end->seen, spec);
}

} // namespace pawl
