#include "config/client_config.hpp"
#include "config/container_settings.hpp"
#include "config/hints.hpp"
#include "config/manifest.hpp"
#include "config/procfile.hpp"
#include "config/server_config.hpp"
#include "lifecycle/image_reference.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/volumes.hpp"
#include "test/fuzz/properties.hpp"

#include <algorithm>
#include <filesystem>

namespace pawl::test {

namespace {

// Names, commands and values reach the kernel as texts that a NUL ends.
void demand_no_nul(std::string_view text) {
  demand(text.find('\0') == std::string_view::npos, "no text that a program is given has a NUL");
}

void demand_no_nul(const std::map<std::string, std::string>& env) {
  for (const auto& [name, value] : env) {
    demand(!name.empty() && name.find('=') == std::string::npos, "a variable has a name");
    demand_no_nul(name);
    demand_no_nul(value);
  }
}

void demand_within(duration time, duration most) {
  demand(time >= duration::zero() && time <= most, "a time is within its limits");
}

void demand_good(const manifest& app) {
  if (!app.app.empty())
    demand(check_name("app", app.app).has_value(), "an app has the name of an app");
  for (const auto* text :
       {&app.build.command, &app.build.dockerfile, &app.run.command, &app.release.command})
    demand_no_nul(*text);
  demand_no_nul(app.build.env);
  demand_no_nul(app.run.env);
  demand(!app.run.command.empty() || config::names_containers(app) || !app.processes.empty(),
         "an app says how it is run");
  for (const auto* text : {&app.build.image, &app.build.target, &app.run.user}) {
    demand_no_nul(*text);
    demand(!text->starts_with('-'), "no name can be taken for an option");
  }
  demand(app.build.image.empty() || parse_image_reference(app.build.image).has_value(),
         "an image has the name of one");
  const std::filesystem::path dockerfile{app.build.dockerfile};
  demand(dockerfile.is_relative() &&
             std::find(dockerfile.begin(), dockerfile.end(), "..") == dockerfile.end(),
         "a Dockerfile is in the source");
  demand_no_nul(app.build.args);
  std::uint64_t instances = app.run.instances;
  for (const auto& process : app.processes) {
    instances += process.instances;
    demand(!process.name.empty() && process.name.size() <= limits::process_name_bytes,
           "a process has a name that is part of another");
    demand_harmless(process.name);
    demand(!process.command.empty(), "a process has a command");
    demand_no_nul(process.command);
    demand_no_nul(process.env);
    demand_within(process.settle, limits::settle_max);
    demand_within(process.stop_timeout, limits::stop_timeout_max);
  }
  for (const auto& [name, volume] : app.volumes)
    demand(check_volume_name(name) && check_volume_path(volume.path),
           "a volume is at a place of the app's own");
  demand(app.volumes.size() <= limits::volumes_per_app && !overlapping_volumes(app.volumes),
         "volumes are apart");
  demand(app.processes.size() <= limits::processes, "an app has a bounded number of processes");
  demand(instances >= 1 && instances <= limits::instances_per_lane,
         "an app has as many instances as a lane may have");
  demand_within(app.build.timeout, limits::build_timeout_max);
  demand_within(app.release.timeout, limits::build_timeout_max);
  demand_within(app.run.stop_timeout, limits::stop_timeout_max);
  demand(app.health.interval > duration::zero(), "probes have an interval");
  for (const auto& text : {app.health.path, app.health.host})
    if (text) {
      demand(text->find_first_of(std::string_view{"\r\n \0", 4}) == std::string::npos,
             "a probe is one request");
      demand_harmless(*text);
    }
}

} // namespace

void fuzz_manifest(fuzz_input in) {
  const auto toml = take_text(in, '\0');
  const auto procfile = in.empty() ? std::nullopt : std::optional{text_of(in)};
  auto app = config::read_manifest(toml, procfile);
  if (!app)
    return demand_refusal(app.error(), toml.size() + in.size());
  demand_good(*app);
  auto named = config::read_manifest(toml, procfile, config::app_name::required);
  demand(named.has_value() == !app->app.empty(), "only its name may be asked for besides");
}

void fuzz_server_config(fuzz_input in) {
  const config::surroundings here{true, [](const char*) { return std::nullopt; }};
  auto read = config::read_server_config(text_of(in), "/etc/pawl", here);
  if (!read)
    return demand_refusal(read.error(), in.size());
  demand(read->data_dir.is_absolute() && read->socket.is_absolute(), "paths are absolute");
  for (const auto* path : {&read->data_dir, &read->socket})
    demand_no_nul(path->native());
  demand_no_nul(read->socket_group);
  demand(!read->clusters.empty(), "a server has a cluster");
  for (const auto& each : read->clusters) {
    demand(check_name("cluster", each.name).has_value(), "a cluster has the name of one");
    const auto kind = parse_engine_kind(each.engine);
    demand(kind.has_value(), "a cluster has an engine");
    demand(each.socket.starts_with('/') == (*kind == engine_kind::docker),
           "the Docker Engine has a socket, and no other has one");
    demand_no_nul(each.socket);
  }
  for (const auto& each : read->registries) {
    demand(is_registry_name(each.registry), "a registry has the name of one");
    demand(!each.user.empty() && each.user.find(':') == std::string::npos, "a login has a user");
    demand(each.password_file.is_absolute(), "paths are absolute");
    demand_no_nul(each.password_file.native());
  }
}

void fuzz_client_config(fuzz_input in) {
  auto read = config::read_client_config(text_of(in));
  if (!read)
    return demand_refusal(read.error(), in.size());
  const auto written = config::write_client_config(*read);
  auto again = config::read_client_config(written.reveal());
  demand(again.has_value(), "a configuration that is written can be read");
  demand(again->server == read->server && again->servers.size() == read->servers.size(),
         "a configuration is written whole");
  for (const auto& each : read->servers) {
    const auto* found = again->find(each.name);
    demand(found != nullptr && found->address == each.address &&
               found->fingerprint == each.fingerprint &&
               found->token.reveal() == each.token.reveal(),
           "a server is written as it was read");
  }
}

void fuzz_procfile(fuzz_input in) {
  const auto text = text_of(in);
  std::size_t bytes = 0;
  const auto all = config::read_procfile(text);
  for (const auto& each : all) {
    bytes += each.name.size() + each.command.size() + 1; // and a colon
    demand(!each.command.empty() && each.command.find('\n') == std::string::npos,
           "a command is one line");
    demand(!each.name.empty() && each.name.find_first_of(": \t\n") == std::string::npos,
           "a process has a name");
    demand(config::command_of(all, each.name).has_value(), "a process is found by its name");
  }
  demand(bytes <= text.size(), "commands are a part of their file");
  // The names that the hints read: each has this text.
  const auto file = [&](std::string_view) { return std::optional<std::string>{text}; };
  for (const auto& hint : config::hints_of(file))
    demand_harmless(hint);
}

} // namespace pawl::test
