// What crosses the connection between a client and its session: one struct and one sentence for
// each message.
//
// A frame is four bytes of length (big endian, the length of the rest) and one msgpack map:
// {"kind": name, "ref": number, "body": {fields}}. `ref` numbers a client's requests; every answer
// carries the number of its request. The first frame from each side is `hello`; anything else first
// ends the connection.
#pragma once

#include "lifecycle/cluster.hpp"
#include "lifecycle/event.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/limits.hpp"

#include <variant>
#include <vector>

namespace pawl::protocol {

// The version of this page. A side that cannot speak the other's version says so and closes.
//   1  the first
//   2  ids of 17 characters, which a client of version 1 refuses
inline constexpr std::uint32_t version = 2;

// --- both ways

// The first frame of each side.
struct hello {
  std::uint32_t protocol = version;
  std::string program; // "pawl 0.1.0"
  std::string
      token; // of a client over TLS; empty over a unix socket, where the kernel says who connects
};

// Asks for a pong; whoever hears nothing for limits::silence_timeout gives the peer up.
struct ping {};
struct pong {};

// --- requests of a client

// Asks for a deployment of a source that will be sent; answered by `accepted`, or by a refusal.
struct deploy_request {
  std::string request_id;
  std::string app;
  std::string cluster; // empty: the server's only one
  std::string message;
  std::optional<pawl::when_busy> when_busy = {}; // instead of the cluster's own policy
  source_facts source = {};
  std::optional<git_facts> git = {};
};

// A part of a source, in order; answered by upload_progress. At most limits::upload_window may be
// unanswered.
struct upload_chunk {
  std::string deployment;
  std::uint64_t offset = 0;
  std::vector<char> bytes;
};

// Asks to be sent the deployment's events from a number on, as far as the credit goes; answered by
// events messages, and at the end by `followed`.
struct follow_request {
  std::string deployment; // id or unique prefix
  std::uint64_t from = 1;
  std::uint32_t credit = 0; // at most limits::event_credit
};

// Allows so many more events of the follow_request that had this ref, or lines of the logs_request.
struct follow_credit {
  std::uint32_t events = 0;
};

// How far a client has read what an instance printed.
struct log_place {
  std::string instance;
  std::uint64_t offset = 0;
};

// Asks for what a lane's instances print: of each the last `lines`. Answered by log_lines as far as
// the credit goes; and at the end by logs_complete, unless it is to follow.
struct logs_request {
  std::string app;
  std::string cluster; // empty: the server's only one
  std::uint32_t lines = limits::log_lines_default;
  bool follow = false;      // over restarts of the instances, and over the switch to others
  std::uint32_t credit = 0; // lines; at most limits::event_credit
  bool resumed = false;     // after a lost connection: what came since `places`, not the last lines
  std::vector<log_place> places = {};
};

// Asks for the cancellation of a deployment (id or prefix), or of the lane's one in flight;
// answered by `shown` when it is cancelled.
struct cancel_request {
  std::optional<std::string> deployment = {};
  std::string app;
  std::string cluster;
};

// Asks for a rollback to a version, or to the one before; answered by `accepted`, or for plan_only
// by `planned`.
struct rollback_request {
  std::string request_id;
  std::string app;
  std::string cluster;
  std::optional<version_number> version = {};
  std::string message;
  std::optional<pawl::when_busy> when_busy = {};
  bool plan_only = false;
};

// Asks for a version of this app, which another cluster built, to be released in `cluster`;
// answered by `accepted`.
struct promote_request {
  std::string request_id;
  std::string app;
  std::string cluster;
  version_number version;
  std::string message;
  std::optional<pawl::when_busy> when_busy = {};
};

// Asks for one record by id or unique prefix; answered by `shown`.
struct show_request {
  std::string deployment;
};

// Asks for the lanes' present state, by app and cluster, in pages; answered by `lane_list`.
struct status_request {
  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::optional<std::string> cursor = {}; // of the page before
};

// Asks for a page of records, newest first; answered by `history_list`.
struct history_request {
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

// Asks for an app's versions (of all apps without one), newest first, in pages; answered by
// `version_list`.
struct versions_request {
  std::optional<std::string> app = {};
  std::optional<std::string> cursor = {}; // of the page before
};

// Ask what there is; answered by `app_list` and `cluster_list`.
struct apps_request {};
struct clusters_request {};

// --- answers of the server

// The request was not granted. One pattern for every request.
struct refused {
  pawl::error error;
};

// There is a deployment for the request, new or, for a request_id known before, as it is. For a
// deploy, the upload goes on from `upload_offset`; equal to the source's bytes: nothing is to be
// sent.
struct accepted {
  pawl::deployment deployment;
  std::uint64_t upload_offset = 0;
};

// The upload has arrived so far.
struct upload_progress {
  std::string deployment;
  std::uint64_t offset = 0;
};

// Events of a followed journal, in order, without a gap.
struct events {
  std::string deployment;
  std::vector<event> list;
};

// The followed deployment has settled, and its last event was sent: this is its record.
struct followed {
  pawl::deployment deployment;
};

// What an instance printed, in order. The first of each instance may have no lines: it says where
// its log is read from.
struct log_lines {
  std::string instance;
  std::vector<std::string> lines; // in bytes as they came
  std::uint64_t skipped = 0;      // bytes before them that the server has no more
  std::uint64_t next = 0;         // the place to go on from
  bool ended = false;             // the instance was stopped for good, and this was its last
};

// All that was asked for was sent.
struct logs_complete {};

struct shown {
  pawl::deployment deployment;
};

// What a rollback would do.
struct planned {
  std::string app;
  std::string cluster;
  std::optional<version_number> from = {};
  version_number to;
  std::string deployment; // the one whose version this was
};

struct instance_view {
  std::string name;
  std::string state; // running, unhealthy, restarting, starting
  std::string address;
  std::string detail = {}; // for people: why it does not run, when it starts again
};

struct lane_view {
  std::string app;
  std::string cluster;
  std::optional<deployment> active = {};
  std::vector<instance_view> instances = {};
  std::optional<deployment> in_flight = {};
  std::vector<deployment> queued = {};
  std::optional<timestamp> deadline = {}; // for people: by when in_flight leaves its state
  std::optional<pawl::error> error = {};  // what of it cannot be known: a record does not verify
};

struct lane_list {
  std::vector<lane_view> lanes;
  std::optional<std::string> next_cursor = {};
};

struct history_list {
  std::vector<deployment> deployments;
  std::optional<std::string> next_cursor = {};
  std::vector<pawl::error> damaged = {}; // one for each record of the page that cannot be read
};

struct version_view {
  std::string app;
  version_number version;
  std::string artifact;
  timestamp created_at = {};
  std::string deployment;
  std::vector<std::string> live_in = {}; // clusters
  bool can_roll_back = false;
};

struct version_list {
  std::vector<version_view> versions;
  std::optional<std::string> next_cursor = {};
};

struct app_view {
  std::string app;
  std::vector<std::string> clusters;
};

struct app_list {
  std::vector<app_view> apps;
};

struct cluster_view {
  std::string name;
  std::string engine;
  pawl::when_busy when_busy = pawl::when_busy::reject;
};

struct cluster_list {
  std::vector<cluster_view> clusters;
};

// Every message, in the order of this page. The names on the wire are in protocol/kinds.hpp.
using message =
    std::variant<hello, ping, pong, deploy_request, upload_chunk, follow_request, follow_credit,
                 logs_request, cancel_request, rollback_request, promote_request, show_request,
                 status_request, history_request, versions_request, apps_request, clusters_request,
                 refused, accepted, upload_progress, events, followed, log_lines, logs_complete,
                 shown, planned, lane_list, history_list, version_list, app_list, cluster_list>;

struct envelope {
  std::uint64_t ref = 0;
  message body;
};

} // namespace pawl::protocol
