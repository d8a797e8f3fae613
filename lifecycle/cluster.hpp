// A cluster: a named place where apps run, as the server's configuration describes it, and its
// policy for a busy lane.
#pragma once

#include "lifecycle/deployment.hpp"
#include "lifecycle/freeze.hpp"

namespace pawl {

enum class when_busy : std::uint8_t { reject, queue, supersede };

constexpr std::string_view to_string(when_busy policy) noexcept {
  constexpr std::array<std::string_view, 3> names{"reject", "queue", "supersede"};
  return names[static_cast<std::size_t>(policy)];
}

constexpr std::optional<when_busy> parse_when_busy(std::string_view name) noexcept {
  for (auto policy : {when_busy::reject, when_busy::queue, when_busy::supersede})
    if (to_string(policy) == name)
      return policy;
  return std::nullopt;
}

// The network that builds, release commands and instances of a cluster have.
enum class cluster_network : std::uint8_t {
  host,     // the machine's
  isolated, // one of their own for each, with a link to the machine
};

constexpr std::string_view to_string(cluster_network network) noexcept {
  return network == cluster_network::host ? "host" : "isolated";
}

constexpr std::optional<cluster_network> parse_cluster_network(std::string_view name) noexcept {
  for (auto network : {cluster_network::host, cluster_network::isolated})
    if (to_string(network) == name)
      return network;
  return std::nullopt;
}

// How a cluster builds and runs.
enum class engine_kind : std::uint8_t {
  process, // commands in sandboxes of the server's own
  docker,  // images and containers of a Docker Engine
};

constexpr std::string_view to_string(engine_kind kind) noexcept {
  return kind == engine_kind::process ? "process" : "docker";
}

constexpr std::optional<engine_kind> parse_engine_kind(std::string_view name) noexcept {
  for (auto kind : {engine_kind::process, engine_kind::docker})
    if (to_string(kind) == name)
      return kind;
  return std::nullopt;
}

inline constexpr std::string_view default_docker_socket = "/run/docker.sock";

struct cluster_settings {
  std::string name = "local";
  std::string engine = "process"; // the name of an engine_kind; records have it
  std::string socket = {};        // of the Docker Engine, absolute; empty with another engine
  pawl::when_busy when_busy = when_busy::reject;
  duration drain = limits::drain;               // from the switch to SIGTERM for the old instances
  duration watch_period = limits::watch_period; // after activation
  duration warm = limits::warm; // from there to SIGTERM for those that may be rolled back to
  std::uint64_t warm_memory = limits::warm_memory; // of all warm instances of the cluster
  std::uint64_t memory_bytes = 512 * limits::mib;  // per instance
  double cpus = 1.0;                               // per instance
  cluster_network network = cluster_network::host;
  std::vector<std::uint16_t> host_ports = {}; // of the machine, that isolated ones reach
  std::vector<freeze_window> freeze = {};     // of each week, in which its lanes are frozen
  bool is_default = false; // of an app that is in no cluster, or in several, where none is named

  friend bool operator==(const cluster_settings&, const cluster_settings&) = default;
};

// The effect of a new request on a lane that has a deployment in flight, or others queued.
enum class admission : std::uint8_t {
  start_now,    // the lane is idle
  refuse,       // in_flight
  wait_in_turn, // queued behind the others
  take_over,    // what is queued is superseded, what is in flight is cancelled, then it starts
};

// The policy for a busy lane. `in_flight` is nothing when the lane is idle.
constexpr admission admit(bool in_flight, std::size_t queued, when_busy policy) noexcept {
  if (!in_flight && queued == 0)
    return admission::start_now;
  switch (policy) {
  case when_busy::reject:
    return admission::refuse;
  case when_busy::queue:
    return admission::wait_in_turn;
  case when_busy::supersede:
    return admission::take_over;
  }
  return admission::refuse;
}

} // namespace pawl
