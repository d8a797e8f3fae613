// The numbered, durable events of a deployment's journal.
#pragma once

#include "lifecycle/deployment.hpp"

#include <variant>

namespace pawl {

struct state_event {
  pawl::state state = state::queued;
  std::optional<failure> error = {};

  friend bool operator==(const state_event&, const state_event&) = default;
};

struct progress_event {
  std::string step; // upload, build, push, release, start, check, switch
  std::uint64_t current = 0;
  std::uint64_t total = 0; // 0: not known
  std::string unit;        // bytes, instances, …

  friend bool operator==(const progress_event&, const progress_event&) = default;
};

// One line that a build or a release command printed: without its line feed, in bytes as they came.
struct log_event {
  std::string step;
  std::string stream; // stdout, stderr
  std::string line;

  friend bool operator==(const log_event&, const log_event&) = default;
};

struct health_event {
  std::string instance;
  bool ok = false;
  std::string detail; // what was asked, and what came back

  friend bool operator==(const health_event&, const health_event&) = default;
};

struct warning_event {
  std::string message;

  friend bool operator==(const warning_event&, const warning_event&) = default;
};

using event_body =
    std::variant<state_event, progress_event, log_event, health_event, warning_event>;

struct event {
  std::uint64_t seq = 0; // from 1, no gaps within a deployment; 0 until the store gave it one
  timestamp at = {};
  event_body body = {};

  friend bool operator==(const event&, const event&) = default;
};

} // namespace pawl
