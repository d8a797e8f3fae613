#include "engines/docker/container_plan.hpp"

#include "engines/commands/app_environment.hpp"
#include "engines/docker/api_json.hpp"
#include "engines/docker/docker_volumes.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace pawl {

namespace {

constexpr std::uint16_t default_port = 8080;

// So many are kept by the daemon while this server is down; they are copied into the engine's own
// logs otherwise.
constexpr auto kept_log_file = "16m";
constexpr auto kept_log_files = "2";

// An image that begins as root gives its privilege up by itself (nginx, postgres, redis: chown,
// setuid, setgid of their entrypoints), and listens below 1024. One that a manifest gives a user
// has nothing to give up.
json capabilities_of(const run_settings& run) {
  if (!run.user.empty())
    return json::array();
  return {"CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"};
}

json limits_of(const docker_host& host, const instance_spec& spec) {
  constexpr double billion = 1e9;
  const auto& run = spec.settings.run;
  json limits{
      {"Memory", spec.memory_bytes},
      {"MemorySwap", spec.memory_bytes}, // with the memory: none
      {"NanoCpus", static_cast<std::int64_t>(std::llround(spec.cpus * billion))},
      {"PidsLimit", host.config().instance_processes},
      {"CapDrop", {"ALL"}},
      {"CapAdd", capabilities_of(run)},
      {"SecurityOpt", {"no-new-privileges"}},
      {"Privileged", false},
      {"PublishAllPorts", false},
      {"ReadonlyRootfs", run.read_only},
      {"RestartPolicy", {{"Name", "no"}}}, // the lane restarts, and counts
      {"LogConfig",
       {{"Type", "json-file"},
        {"Config", {{"max-size", kept_log_file}, {"max-file", kept_log_files}}}}},
  };
  if (!spec.settings.volumes.empty())
    limits["Mounts"] = volume_mounts(host, spec);
  if (run.read_only)
    limits["Tmpfs"] = {
        {"/tmp", "rw,nosuid,nodev"}, {"/run", "rw,nosuid,nodev"}, {"/var/tmp", "rw,nosuid,nodev"}};
  return limits;
}

json request_of(const docker_host& host, const instance_spec& spec, const image_facts& image,
                label_map labels, const std::map<std::string, std::string>& env) {
  labels[app_label] = spec.lane.app;
  labels[cluster_label] = spec.lane.cluster;
  labels[deployment_label] = spec.deployment;
  labels[version_label] = to_string(spec.version);
  auto variables = json::array();
  for (const auto& [name, value] : env)
    variables.push_back(name + "=" + value);
  json request{{"Image", image.id},
               {"Env", variables},
               {"Labels", labels},
               {"HostConfig", limits_of(host, spec)}};
  if (!spec.settings.run.user.empty())
    request["User"] = spec.settings.run.user;
  return request;
}

json no_check() {
  return {{"Test", {"NONE"}}};
}

// The first check comes after one interval, which is 30 s where the image does not say: a deploy is
// not to wait so long for it.
std::int64_t check_interval_of(const image_facts& image) {
  constexpr std::int64_t most = 5'000'000'000;
  return image.check_interval > 0 ? std::min(image.check_interval, most) : most;
}

void run_in_shell(json& request, const std::string& command) {
  request["Entrypoint"] = json::array({"/bin/sh", "-c"});
  request["Cmd"] = json::array({command});
}

} // namespace

std::uint16_t port_of(const image_facts& image) {
  return image.ports.size() == 1 ? image.ports.front() : default_port;
}

result<image_facts> find_image(const docker_host& host, const std::string& which) {
  auto answer = host.client().call({.target = fmt::format("/images/{}/json", url_part(which))});
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return refusal_of(*answer, "show the image " + which);
  const auto about = parse_json(answer->body);
  const auto& config = member(about, "Config");
  image_facts image{text_in(about, "Id"), static_cast<std::uint64_t>(
                                              std::max<std::int64_t>(0, number_in(about, "Size")))};
  const auto& digests = member(about, "RepoDigests");
  image.from_registry = digests.is_array() && !digests.empty();
  const auto& ports = member(config, "ExposedPorts");
  if (ports.is_object())
    for (const auto& [text, nothing] : ports.items()) {
      std::uint16_t number = 0;
      auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (problem == std::errc{} && std::string_view{end} == "/tcp")
        image.ports.push_back(number);
    }
  const auto& test = member(member(config, "Healthcheck"), "Test");
  image.checks_itself = test.is_array() && !test.empty() && text_of(test.front()) != "NONE";
  image.check_interval = number_in(member(config, "Healthcheck"), "Interval");
  return image;
}

std::string instance_request(const docker_host& host, const instance_spec& spec,
                             const image_facts& image) {
  std::map<std::string, std::string> env;
  add_app(env, spec);
  const auto port = std::to_string(port_of(image));
  env["PORT"] = port;
  env["HOST"] = "0.0.0.0"; // in its own network, where only this address is reached from outside
  env["PAWL_INSTANCE"] = spec.name;
  auto labels = host.labels("instance");
  labels[name_label] = spec.name;
  labels[port_label] = port;
  auto request = request_of(host, spec, image, std::move(labels), env);
  if (spec.settings.health.path || spec.process != web_process)
    request["Healthcheck"] = no_check();
  else if (image.checks_itself)
    request["Healthcheck"] = {{"Interval", check_interval_of(image)}};
  const auto& run = spec.settings.run;
  request["StopTimeout"] =
      std::chrono::ceil<std::chrono::seconds>(run.stop_timeout).count(); // of a daemon that ends
  if (!run.command.empty())
    run_in_shell(request, run.command);
  return to_text(request);
}

std::string release_request(const docker_host& host, const instance_spec& spec,
                            const image_facts& image) {
  std::map<std::string, std::string> env;
  add_app(env, spec);
  auto request = request_of(host, spec, image, host.labels("release"), env);
  request["Healthcheck"] = no_check();
  run_in_shell(request, spec.settings.release.command);
  return to_text(request);
}

} // namespace pawl
