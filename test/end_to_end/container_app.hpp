// The container that the tests deploy, in a cluster on a Docker daemon of the test's own.
#pragma once

#include "test/end_to_end/running_server.hpp"
#include "test/support/docker_daemon.hpp"

namespace pawl::test {

// Serves a greeting from a Dockerfile.
struct container_app {
  std::string greeting = "hello";
  std::string dockerfile = "FROM pawl-test-base:1\n"
                           "COPY index.html /www/index.html\n"
                           "CMD [\"/bin/sh\", \"-c\", \"exec httpd -f -p $PORT -h /www\"]\n";
  std::string settings = {};
};

boost::test_tools::assertion_result may_have_docker(boost::unit_test::test_unit_id);

// The directory of the app "shop".
std::string write_container_app(const running_server& server, const container_app& app);

outcome deploy_containers(running_server& server, const container_app& app);
std::unique_ptr<program> begin_deploying_containers(running_server& server,
                                                    const container_app& app);

// A cluster for pawld.toml, whose old instances end at once.
std::string cluster_on(const docker_daemon& daemon);

// The daemon has these of the server's: names of all containers, those that ended too, and of
// the images of apps.
std::vector<std::string> containers_of(const docker_daemon& daemon);
std::vector<std::string> images_of(const docker_daemon& daemon);

// As by docker rm -f, or docker image rm.
void remove_containers(const docker_daemon& daemon);
void remove_image(const docker_daemon& daemon, const std::string& name);

} // namespace pawl::test
