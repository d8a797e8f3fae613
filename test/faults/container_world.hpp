// A server with containers whose Docker daemon, or which itself, is struck at chosen places; and
// the look from outside, that nothing was lost, doubled or left behind.
#pragma once

#include "test/end_to_end/container_app.hpp"

#include <functional>
#include <set>

namespace pawl::test {

class container_world {
public:
  // shop serves in a cluster on a daemon whose containers outlive it.
  container_world();

  docker_daemon& daemon() { return daemon_; }
  running_server& server() { return server_; }

  // Deploys shop, with the server stopped at a failpoint (bin/pawld/failpoints.hpp) while `blow`
  // does its thing. The old version must serve then. The client ends with one of these statuses,
  // and everything is checked.
  void stop_at(const std::string& place, const std::set<int>& ends,
               const std::function<void()>& blow);

  // The same, and the server dies at the place; it is started again after `blow`.
  void die_at(const std::string& place, const std::set<int>& ends,
              const std::function<void()>& blow);

  // A deploy that must end so, after which everything is checked; its stdout and stderr.
  std::string deploy_that_ends(int status, container_app app = {});

  // Nothing is in flight, the active version answers, in its one container, and the daemon has no
  // other container, nor an image of a build.
  void check();

private:
  std::unique_ptr<program> begin(container_app app);
  void check_serving();
  void check_end(program& client, const std::set<int>& ends);

  docker_daemon daemon_;
  running_server server_;
  unsigned deploys_ = 0;
  std::string serving_; // the greeting
};

// The failpoints at which a deployment of containers can be met, in their order.
std::vector<std::string> places_of_containers();

} // namespace pawl::test
