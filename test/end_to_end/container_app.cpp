#include "test/end_to_end/container_app.hpp"

#include <fmt/format.h>

namespace pawl::test {

boost::test_tools::assertion_result may_have_docker(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result able{may_run_docker()};
  able.message() << "skipped: it takes root, and Docker (scripts/setup installs it)";
  return able;
}

std::string write_container_app(const running_server& server, const container_app& app) {
  const auto home = server.place() / "apps" / "shop";
  std::filesystem::remove_all(home);
  write_text(home / "pawl.toml", "app = \"shop\"\n" + app.settings +
                                     "[health]\npath = \"/\"\ninterval = \"100ms\"\n"
                                     "deadline = \"20s\"\n");
  write_text(home / "index.html", app.greeting + "\n");
  if (!app.dockerfile.empty())
    write_text(home / "Dockerfile", app.dockerfile);
  return home;
}

outcome deploy_containers(running_server& server, const container_app& app) {
  return server.pawl({"deploy", write_container_app(server, app)});
}

std::unique_ptr<program> begin_deploying_containers(running_server& server,
                                                    const container_app& app) {
  return server.begin({"deploy", write_container_app(server, app)});
}

std::string cluster_on(const docker_daemon& daemon) {
  return fmt::format("[cluster.local]\nengine = \"docker\"\nsocket = \"{}\"\ndrain = \"0s\"\n"
                     "watch_period = \"1s\"\n",
                     daemon.socket().string());
}

namespace {

// The names in `field` of each object of the daemon's list.
std::vector<std::string> listed(const docker_daemon& daemon, const std::string& target,
                                const std::string& field) {
  std::vector<std::string> names;
  const auto all = json::parse(ask_docker(daemon, "GET", target), nullptr, false);
  BOOST_REQUIRE_MESSAGE(all.is_array(), target << " of the daemon is no list");
  for (const auto& one : all)
    if (one.at(field).is_array())
      for (const auto& name : one.at(field))
        names.push_back(name);
  return names;
}

} // namespace

std::vector<std::string> containers_of(const docker_daemon& daemon) {
  return listed(daemon, "/containers/json?all=1", "Names");
}

std::vector<std::string> images_of(const docker_daemon& daemon) {
  auto names = listed(daemon, "/images/json", "RepoTags");
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("pawl/"); });
  return names;
}

void remove_containers(const docker_daemon& daemon) {
  for (const auto& name : containers_of(daemon))
    ask_docker(daemon, "DELETE", fmt::format("/containers{}?force=1", name));
}

void remove_image(const docker_daemon& daemon, const std::string& name) {
  ask_docker(daemon, "DELETE", fmt::format("/images/{}?force=1", name));
}

} // namespace pawl::test
