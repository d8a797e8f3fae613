// How a container is made: the request that creates it, from the settings of an app. Whatever a
// manifest says, a container gets no path of the machine, no namespace of the machine's, no device,
// no privilege and not the daemon's socket.
#pragma once

#include "engines/docker/docker_host.hpp"
#include "engines/engine.hpp"

namespace pawl {

// The part of an image's description that decides how it is run.
struct image_facts {
  std::string id;
  std::uint64_t bytes = 0;
  std::vector<std::uint16_t> ports = {}; // TCP, that it says it listens on
  bool checks_itself = false;            // it has a HEALTHCHECK
  std::int64_t check_interval = 0;       // of that, in nanoseconds; 0: it does not say
  bool from_registry = false;            // not only made or loaded on this daemon
};

// not_found if the daemon has no such image; by its id or a name.
result<image_facts> find_image(const docker_host& host, const std::string& which);

// The port that an app listens on: the one that its image names, if it is one; otherwise 8080.
std::uint16_t port_of(const image_facts& image);

// The bodies of the requests that create them.
std::string instance_request(const docker_host& host, const instance_spec& spec,
                             const image_facts& image);
std::string release_request(const docker_host& host, const instance_spec& spec,
                            const image_facts& image);

} // namespace pawl
