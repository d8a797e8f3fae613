// A container of this server's as the daemon describes it.
#pragma once

#include "engines/docker/docker_host.hpp"
#include "engines/engine.hpp"

#include <sys/types.h>

namespace pawl {

struct container_look {
  std::string id;
  instance seen;                              // its address is empty while it has none
  bool started = false;                       // false: it was only created
  std::optional<probe_answer> own_check = {}; // of its HEALTHCHECK, if it has one
  pid_t pid = 0; // of its first process, as the daemon's machine numbers it; 0: none runs
};

// not_found if there is no such container, by its name or its id; otherwise as api_client::call().
result<container_look> look_at_container(api_client& client, const std::string& which);

// The ids of the containers with these labels, also of those that have ended.
result<std::vector<std::string>> find_containers(const docker_host& host, const label_map& labels);

// Removes it with its processes and its own volumes; success if there is none.
result<void> remove_container(api_client& client, const std::string& which);

} // namespace pawl
