// The volumes of the docker engine: named volumes of the daemon's, with labels that say whose they
// are. The daemon makes one with the first container that has it.
#pragma once

#include "engines/docker/api_json.hpp"
#include "engines/docker/docker_host.hpp"
#include "engines/engine.hpp"

namespace pawl {

// The `Mounts` of a container of the lane.
json volume_mounts(const docker_host& host, const instance_spec& spec);

// As engine says, for the volumes of this server.
result<std::vector<volume>> list_volumes(const docker_host& host);
result<void> remove_docker_volume(const docker_host& host, const lane_key& lane,
                                  const std::string& name);

} // namespace pawl
