// The messages about the processes of an app that serves: how many instances each has, and whether
// they run.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks for the processes of the app that is active in a cluster; answered by `process_list`.
struct processes_request {
  static constexpr std::string_view kind = "processes_request";

  std::string app;
  std::string cluster; // empty: the server's only one
};

template <class Visit, is_a<processes_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const processes_request& m);

// Asks for other numbers of instances, for this deployment and those that follow; answered by
// `process_list` when they are stored: instances start and drain after that.
struct scale_request {
  static constexpr std::string_view kind = "scale_request";

  std::string app;
  std::string cluster;
  process_counts counts; // of the processes that are to change
};

template <class Visit, is_a<scale_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("counts", x.counts);
}

result<void> check(const scale_request& m);

// Asks that the lane has no instances until it is started, or deployed to; answered by
// `process_list` when they have ended.
struct stop_request {
  static constexpr std::string_view kind = "stop_request";

  std::string app;
  std::string cluster;
};

template <class Visit, is_a<stop_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const stop_request& m);

// Asks for the instances of a lane that was stopped; answered by `process_list` when that is
// stored.
struct start_request {
  static constexpr std::string_view kind = "start_request";

  std::string app;
  std::string cluster;
};

template <class Visit, is_a<start_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const start_request& m);

// Asks for new instances of the same version: by a deployment, which `accepted` names. Those of a
// process that is not routed are stopped and started where they are, which `process_list` answers.
struct restart_request {
  static constexpr std::string_view kind = "restart_request";

  std::string request_id;
  std::string app;
  std::string cluster;
  std::optional<std::string> process = {}; // all without it
  std::string message;
  std::optional<pawl::when_busy> when_busy = {};
};

template <class Visit, is_a<restart_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("process", x.process);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
}

result<void> check(const restart_request& m);

// --- answers

struct process_view {
  std::string process;
  std::uint32_t instances = 0; // that there are to be
  std::uint32_t running = 0;   // of them
};

template <class Visit, is_a<process_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("process", x.process);
  visit("instances", x.instances);
  visit("running", x.running);
}

struct process_list {
  static constexpr std::string_view kind = "process_list";

  std::string app;
  std::string cluster;
  std::string deployment; // that is active
  std::optional<version_number> version = {};
  std::optional<timestamp> stopped_at = {}; // on request
  std::vector<process_view> processes = {};
};

template <class Visit, is_a<process_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("deployment", x.deployment);
  visit("version", x.version);
  visit("stopped_at", x.stopped_at);
  visit("processes", x.processes);
}

result<void> check(const process_list& m);

} // namespace pawl::protocol
