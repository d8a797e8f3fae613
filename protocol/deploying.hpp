// The messages that change what runs: deploy, upload, cancel, roll back, promote, destroy; and
// their answers.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks for a deployment of a source that will be sent; answered by `accepted`, or by a refusal.
struct deploy_request {
  static constexpr std::string_view kind = "deploy_request";

  std::string request_id;
  std::string app;
  std::string cluster; // empty: the server's only one, or the only one that has the app
  std::string message;
  std::optional<pawl::when_busy> when_busy = {}; // instead of the cluster's own policy
  source_facts source = {};
  std::optional<git_facts> git = {};
  // The digest of the source's entries without their times: the same for each copy of a tree, such
  // as a new clone. Empty from a client that does not know it.
  std::string contents = {};
  // Why it may begin in a frozen lane all the same: for admins.
  std::optional<std::string> override_freeze = {};
};

template <class Visit, is_a<deploy_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
  visit("source", x.source);
  visit("git", x.git);
  visit("contents", x.contents);
  visit("override_freeze", x.override_freeze);
}

result<void> check(const deploy_request& m);

// A part of a source, in order; answered by upload_progress. At most limits::upload_window may be
// unanswered.
struct upload_chunk {
  static constexpr std::string_view kind = "upload_chunk";

  std::string deployment;
  std::uint64_t offset = 0;
  std::vector<char> bytes;
};

template <class Visit, is_a<upload_chunk> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("offset", x.offset);
  visit("bytes", x.bytes);
}

result<void> check(const upload_chunk& m);

// Asks for the cancellation of a deployment (id or prefix), or of the lane's one in flight;
// answered by `shown` when it is cancelled.
struct cancel_request {
  static constexpr std::string_view kind = "cancel_request";

  std::optional<std::string> deployment = {};
  std::string app;
  std::string cluster;
};

template <class Visit, is_a<cancel_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const cancel_request& m);

// Asks for a rollback to a version, or to the one before; answered by `accepted`, or for plan_only
// by `planned`.
struct rollback_request {
  static constexpr std::string_view kind = "rollback_request";

  std::string request_id;
  std::string app;
  std::string cluster;
  std::optional<version_number> version = {};
  std::string message;
  std::optional<pawl::when_busy> when_busy = {};
  bool plan_only = false;
  bool keep_config = false; // not the configuration that the version ran with last
};

template <class Visit, is_a<rollback_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("version", x.version);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
  visit("plan_only", x.plan_only);
  visit("keep_config", x.keep_config);
}

result<void> check(const rollback_request& m);

// Asks for a version of this app, which another cluster built, to be released in `cluster`;
// answered by `accepted`.
struct promote_request {
  static constexpr std::string_view kind = "promote_request";

  std::string request_id;
  std::string app;
  std::string cluster;
  version_number version;
  std::string message;
  std::optional<pawl::when_busy> when_busy = {};
  std::optional<std::string> override_freeze = {}; // as in deploy_request
};

template <class Visit, is_a<promote_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("version", x.version);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
  visit("override_freeze", x.override_freeze);
}

result<void> check(const promote_request& m);

// Asks that nothing of the app runs in a cluster any more, and that its host names are free;
// answered by `destroyed` when its instances have ended. Its records and journals stay.
struct destroy_request {
  static constexpr std::string_view kind = "destroy_request";

  std::string app;
  std::string cluster; // empty: the server's only one
};

template <class Visit, is_a<destroy_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const destroy_request& m);

// --- answers

// There is a deployment for the request, new or, for a request_id known before, as it is. For a
// deploy, the upload goes on from `upload_offset`; equal to the source's bytes: nothing is to be
// sent, and all of it is on the server's disk.
struct accepted {
  static constexpr std::string_view kind = "accepted";

  pawl::deployment deployment;
  std::uint64_t upload_offset = 0;
};

template <class Visit, is_a<accepted> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("upload_offset", x.upload_offset);
}

result<void> check(const accepted& m);

// The upload has arrived so far: it goes on there while the server's machine is up. At the source's
// bytes, all of it is on the disk, and no client is needed any more.
struct upload_progress {
  static constexpr std::string_view kind = "upload_progress";

  std::string deployment;
  std::uint64_t offset = 0;
};

template <class Visit, is_a<upload_progress> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("offset", x.offset);
}

// Its size alone bounds it.
inline result<void> check(const upload_progress&) {
  return {};
}

// Nothing of the app runs in the cluster any more.
struct destroyed {
  static constexpr std::string_view kind = "destroyed";

  std::string app;
  std::string cluster;
  std::optional<std::string> deployment = {}; // that served until then
  std::optional<version_number> version = {}; // its version
  std::vector<std::string> hosts = {};        // names that are free now

  friend bool operator==(const destroyed&, const destroyed&) = default;
};

template <class Visit, is_a<destroyed> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("deployment", x.deployment);
  visit("version", x.version);
  visit("hosts", x.hosts);
}

result<void> check(const destroyed& m);

// The effect that a rollback would have.
struct planned {
  static constexpr std::string_view kind = "planned";

  std::string app;
  std::string cluster;
  std::optional<version_number> from = {};
  version_number to;
  std::string deployment; // the one whose version this was
  std::uint64_t instances = 0;
  pawl::readiness readiness = pawl::readiness::cold;
  // By the last measure: a check of its warm instances just now, or its last activation.
  std::optional<std::uint64_t> expected_ms = {};
  // The revision of the configuration that it would run with, and the names of variables that
  // differ from now.
  std::optional<std::uint32_t> config = {};
  std::vector<std::string> added = {};
  std::vector<std::string> changed = {};
  std::vector<std::string> removed = {};
};

template <class Visit, is_a<planned> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("from", x.from);
  visit("to", x.to);
  visit("deployment", x.deployment);
  visit("instances", x.instances);
  visit("readiness", x.readiness);
  visit("expected_ms", x.expected_ms);
  visit("config", x.config);
  visit("added", x.added);
  visit("changed", x.changed);
  visit("removed", x.removed);
}

result<void> check(const planned& m);

} // namespace pawl::protocol
