#include "lifecycle/engine_fit.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

struct misfit {
  engine_kind engine; // with which the setting has no effect
  std::string_view key;
  bool (*is_set)(const manifest&);
  std::string_view remedy;
};

constexpr std::string_view to_containers =
    "or deploy to a cluster with the engine docker, which runs containers";

constexpr auto misfits = std::to_array<misfit>({
    {engine_kind::process, "[build] image",
     [](const manifest& app) { return !app.build.image.empty(); },
     "say by [build] command and [run] command how the source is built and started"},
    {engine_kind::process, "[build] dockerfile",
     [](const manifest& app) { return app.build.dockerfile != build_settings{}.dockerfile; },
     "remove it, and build by [build] command"},
    {engine_kind::process, "[build] target",
     [](const manifest& app) { return !app.build.target.empty(); },
     "remove it, and build by [build] command"},
    {engine_kind::process, "[build] args",
     [](const manifest& app) { return !app.build.args.empty(); },
     "give variables to [build] command by [build] env"},
    {engine_kind::process, "[run] user", [](const manifest& app) { return !app.run.user.empty(); },
     "remove it, as each app runs under a user of its own there"},
    {engine_kind::docker, "[build] command",
     [](const manifest& app) { return !app.build.command.empty(); },
     "make it a RUN line of the Dockerfile"},
    {engine_kind::docker, "[build] root",
     [](const manifest& app) { return !app.build.root.empty(); },
     "name the Dockerfile by [build] dockerfile = \"FOLDER/Dockerfile\""},
    {engine_kind::docker, "[build] env", [](const manifest& app) { return !app.build.env.empty(); },
     "give values to the ARG lines of the Dockerfile by [build] args"},
    // Its builder keeps the arguments of a build in the history of the image.
    {engine_kind::docker, "[build] secrets",
     [](const manifest& app) { return !app.build.secrets.empty(); },
     "remove it, as Docker would keep the values in the history of the image: fetch what needs "
     "them before, and put it into the source"},
});

} // namespace

result<void> check_fits_engine(const manifest& app, const cluster_settings& cluster) {
  const auto engine = parse_engine_kind(cluster.engine).value_or(engine_kind::process);
  std::string told;
  for (const auto& each : misfits)
    if (each.engine == engine && each.is_set(app))
      told += fmt::format(
          "{}{} has no effect in cluster {}, whose engine is {}: {}, {}", told.empty() ? "" : "\n",
          each.key, cluster.name, to_string(engine), each.remedy,
          engine == engine_kind::process ? to_containers
                                         : "or deploy to a cluster with the engine process");
  if (engine == engine_kind::process && app.run.command.empty() && app.build.image.empty() &&
      app.processes.empty())
    told += fmt::format("{}nothing says how to start the app: add a command to the [run] table, "
                        "such as command = \"./bin/server\", or a Procfile with a web line, {}",
                        told.empty() ? "" : "\n", to_containers);
  if (told.empty())
    return {};
  return error{errc::invalid_argument, std::move(told), {{"cluster", cluster.name}}};
}

} // namespace pawl
