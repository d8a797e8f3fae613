// The settings of an app's pawl.toml, with their defaults filled in.
#pragma once

#include "lifecycle/limits.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pawl {

using duration = std::chrono::milliseconds;

struct build_settings {
  std::string command;                   // for /bin/sh; empty: the source is the release as it is
  std::string dockerfile = "Dockerfile"; // a path in the source, of names alone
  std::string image = {};  // runs as it is, and nothing is built; empty: there is none
  std::string target = {}; // the stage of the Dockerfile; empty: its last one
  std::map<std::string, std::string> args = {}; // for the ARG lines of the Dockerfile
  duration timeout = limits::build_timeout;
  bool network = true; // false: the build sees no network
  std::map<std::string, std::string> env = {};
  std::vector<std::string> secrets = {}; // variables of the lane that the build command sees
  std::string root = {}; // the folder in which the app is built and runs; empty: the source's root

  friend bool operator==(const build_settings&, const build_settings&) = default;
};

struct run_settings {
  std::string command; // for /bin/sh; gets PORT; empty: as the image says
  std::uint32_t instances = 1;
  duration stop_timeout = limits::stop_timeout; // from SIGTERM to SIGKILL
  bool sticky = false; // a client's requests find the same instance, by a cookie of the router's
  std::map<std::string, std::string> env = {};
  std::string user = {};  // USER[:GROUP], names or numbers of the image's; empty: as the image says
  bool read_only = false; // a container's own files cannot be written, but for /tmp and the like
  std::uint64_t memory_bytes = 0; // of each instance; 0: as much as the cluster gives one
  std::uint32_t millicpus = 0;    // thousandths of a processor; 0: as many as the cluster gives

  friend bool operator==(const run_settings&, const run_settings&) = default;
};

struct release_settings {
  std::string command; // empty: there is none, and no `releasing`
  duration timeout = limits::release_timeout;

  friend bool operator==(const release_settings&, const release_settings&) = default;
};

struct health_settings {
  std::optional<std::string> path = {}; // HTTP GET, 200 to 399; without: a TCP connect to PORT
  std::optional<std::string> host = {}; // the Host header of that; without: the lane's first name
  duration interval = limits::health_interval;
  duration timeout = limits::health_timeout;
  std::uint32_t healthy_threshold = limits::healthy_threshold;
  duration deadline = limits::health_deadline;

  friend bool operator==(const health_settings&, const health_settings&) = default;
};

// A directory of the lane that outlives its deployments.
struct volume_settings {
  std::string path; // where an instance finds it: check_volumes() of volumes.hpp

  friend bool operator==(const volume_settings&, const volume_settings&) = default;
};

// A process of the app that is not routed. The one that is, "web", is in run_settings.
struct process_settings {
  std::string name;
  std::string command; // for /bin/sh
  std::uint32_t instances = 1;
  duration settle = limits::settle; // an instance that has run for so long is healthy
  duration stop_timeout = limits::stop_timeout;
  std::uint64_t memory_bytes = 0; // as in run_settings
  std::uint32_t millicpus = 0;
  std::map<std::string, std::string> env = {}; // over that of run_settings

  friend bool operator==(const process_settings&, const process_settings&) = default;
};

struct deploy_settings {
  // The instances that serve are stopped before new ones start: of the app two must not run at
  // once.
  bool replaces = false;

  friend bool operator==(const deploy_settings&, const deploy_settings&) = default;
};

struct manifest {
  std::string app; // empty: the file does not say
  build_settings build = {};
  run_settings run = {};
  release_settings release = {};
  health_settings health = {};
  std::map<std::string, volume_settings> volumes = {};
  std::vector<process_settings> processes = {}; // beside "web"
  deploy_settings deploy = {};
  // To which it is deployed, if the person names none; only the CLI reads it, no record has it.
  std::string cluster = {};

  friend bool operator==(const manifest&, const manifest&) = default;
};

} // namespace pawl
