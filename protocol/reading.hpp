// The messages that only read: one record, and the lists of what there is and was.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks for one record by id or unique prefix; answered by `shown`.
struct show_request {
  static constexpr std::string_view kind = "show_request";

  std::string deployment;
};

template <class Visit, is_a<show_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

result<void> check(const show_request& m);

// Asks for the lanes' present state, by app and cluster, in pages; answered by `lane_list`.
struct status_request {
  static constexpr std::string_view kind = "status_request";

  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::optional<std::string> cursor = {}; // of the page before
};

template <class Visit, is_a<status_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("cursor", x.cursor);
}

result<void> check(const status_request& m);

// Asks for a page of records, newest first; answered by `history_list`.
struct history_request {
  static constexpr std::string_view kind = "history_request";

  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::optional<pawl::state> state = {};
  std::optional<pawl::operation> operation = {};
  std::optional<std::string> by = {};
  std::optional<std::string> commit = {}; // prefix
  std::optional<timestamp> since = {};
  std::optional<timestamp> until = {};
  std::uint32_t limit = limits::history_page_default;
  std::optional<std::string> cursor = {};
};

template <class Visit, is_a<history_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("state", x.state);
  visit("operation", x.operation);
  visit("by", x.by);
  visit("commit", x.commit);
  visit("since", x.since);
  visit("until", x.until);
  visit("limit", x.limit);
  visit("cursor", x.cursor);
}

result<void> check(const history_request& m);

// Asks for an app's versions (of all apps without one), newest first, in pages; answered by
// `version_list`.
struct versions_request {
  static constexpr std::string_view kind = "versions_request";

  std::optional<std::string> app = {};
  std::optional<std::string> cursor = {}; // of the page before
};

template <class Visit, is_a<versions_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cursor", x.cursor);
}

result<void> check(const versions_request& m);

// Ask what there is; answered by `app_list` and `cluster_list`.
struct apps_request {
  static constexpr std::string_view kind = "apps_request";
};

template <class Visit, is_a<apps_request> Object>
void fields(Visit&&, Object&) {}

inline result<void> check(const apps_request&) {
  return {};
}

struct clusters_request {
  static constexpr std::string_view kind = "clusters_request";
};

template <class Visit, is_a<clusters_request> Object>
void fields(Visit&&, Object&) {}

inline result<void> check(const clusters_request&) {
  return {};
}

// --- answers

struct shown {
  static constexpr std::string_view kind = "shown";

  pawl::deployment deployment;
};

template <class Visit, is_a<shown> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

result<void> check(const shown& m);

struct instance_view {
  std::string name;
  // running, unhealthy, starting, or restarting: it does not run, or only between two ends
  std::string state;
  std::string address;
  std::string detail = {};    // for people: why it does not run, when it starts again
  std::uint32_t restarts = 0; // since its deployment serves, or the server began
  std::string process = {};   // "web", or another; empty from a server that knows none
};

template <class Visit, is_a<instance_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("state", x.state);
  visit("address", x.address);
  visit("detail", x.detail);
  visit("restarts", x.restarts);
  visit("process", x.process);
}

struct warm_version {
  version_number version;
  timestamp until = {}; // its instances run at the latest
};

template <class Visit, is_a<warm_version> Object>
void fields(Visit&& visit, Object& x) {
  visit("version", x.version);
  visit("until", x.until);
}

struct lane_view {
  std::string app;
  std::string cluster;
  std::optional<deployment> active = {};
  std::vector<instance_view> instances = {};
  std::optional<deployment> in_flight = {};
  std::vector<deployment> queued = {};
  std::optional<timestamp> deadline = {};   // for people: by when in_flight leaves its state
  std::optional<pawl::error> error = {};    // what of it cannot be known: a record does not verify
  std::optional<lane_freeze> frozen = {};   // why nothing new may begin in it
  std::vector<warm_version> warm = {};      // that a rollback finds started, the oldest first
  std::optional<timestamp> stopped_at = {}; // since then its instances are stopped, on request
};

template <class Visit, is_a<lane_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("active", x.active);
  visit("instances", x.instances);
  visit("in_flight", x.in_flight);
  visit("queued", x.queued);
  visit("deadline", x.deadline);
  visit("error", x.error);
  visit("frozen", x.frozen);
  visit("warm", x.warm);
  visit("stopped_at", x.stopped_at);
}

struct lane_list {
  static constexpr std::string_view kind = "lane_list";

  std::vector<lane_view> lanes;
  std::optional<std::string> next_cursor = {};
};

template <class Visit, is_a<lane_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("lanes", x.lanes);
  visit("next_cursor", x.next_cursor);
}

result<void> check(const lane_list& m);

struct history_list {
  static constexpr std::string_view kind = "history_list";

  std::vector<deployment> deployments;
  std::optional<std::string> next_cursor = {};
  std::vector<pawl::error> damaged = {}; // one for each record of the page that cannot be read
};

template <class Visit, is_a<history_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployments", x.deployments);
  visit("next_cursor", x.next_cursor);
  visit("damaged", x.damaged);
}

result<void> check(const history_list& m);

struct version_view {
  std::string app;
  version_number version;
  std::string artifact;
  timestamp created_at = {};
  std::string deployment;
  std::vector<std::string> live_in = {}; // clusters
  bool can_roll_back = false;
  pawl::readiness readiness = pawl::readiness::cold; // the best of its lanes
};

template <class Visit, is_a<version_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("version", x.version);
  visit("artifact", x.artifact);
  visit("created_at", x.created_at);
  visit("deployment", x.deployment);
  visit("live_in", x.live_in);
  visit("can_roll_back", x.can_roll_back);
  visit("readiness", x.readiness);
}

struct version_list {
  static constexpr std::string_view kind = "version_list";

  std::vector<version_view> versions;
  std::optional<std::string> next_cursor = {};
};

template <class Visit, is_a<version_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("versions", x.versions);
  visit("next_cursor", x.next_cursor);
}

result<void> check(const version_list& m);

struct app_view {
  std::string app;
  std::vector<std::string> clusters;
};

template <class Visit, is_a<app_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("clusters", x.clusters);
}

struct app_list {
  static constexpr std::string_view kind = "app_list";

  std::vector<app_view> apps;
};

template <class Visit, is_a<app_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("apps", x.apps);
}

result<void> check(const app_list& m);

struct cluster_view {
  std::string name;
  std::string engine;
  pawl::when_busy when_busy = pawl::when_busy::reject;
};

template <class Visit, is_a<cluster_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("engine", x.engine);
  visit("when_busy", x.when_busy);
}

struct cluster_list {
  static constexpr std::string_view kind = "cluster_list";

  std::vector<cluster_view> clusters;
};

template <class Visit, is_a<cluster_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("clusters", x.clusters);
}

result<void> check(const cluster_list& m);

} // namespace pawl::protocol
