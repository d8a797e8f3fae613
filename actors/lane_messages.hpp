// The messages to a DeploymentActor that name no actor: a client's requests, and its workers'
// reports. The map of the actors is in interfaces.hpp.
#pragma once

#include "engines/probe.hpp"
#include "lifecycle/audit.hpp"
#include "lifecycle/cluster.hpp"
#include "lifecycle/event.hpp"
#include "protocol/messages.hpp"

#include <optional>
#include <string>

namespace pawl {

// --- requests

// A client's request for a deployment; `by` is who the session speaks for. `audit` is what the
// audit journal is told when the request has made a deployment, here and in the next.
struct start_deploy {
  protocol::deploy_request request;
  std::string by;
  std::optional<audit_record> audit = {};
};

struct start_release {
  operation op = operation::rollback;
  std::string request_id;
  std::optional<version_number> version = {}; // of a rollback: none is the one before
  std::string message;
  std::optional<pawl::when_busy> when_busy = {};
  std::string by;
  std::optional<std::string> override_freeze = {}; // of a promotion
  std::optional<audit_record> audit = {};
  bool keep_config = false; // of a rollback: with the configuration that holds
};

struct configure_lane {
  protocol::configure_request request;
  std::string by;
  std::optional<audit_record> audit = {};
};

struct cancel_deployment {
  std::optional<std::string> deployment = {}; // the lane's one in flight without it
  std::string by;
  std::optional<audit_record> audit = {};
};

struct plan_rollback {
  std::optional<version_number> version = {};
  bool keep_config = false;
};

// Takes the lane's app off: nothing of it serves any more, and its host names are free.
struct destroy_lane {
  std::string by;
  std::optional<audit_record> audit = {};
};

// Removes a volume of the lane, which no deployment uses.
struct remove_volume {
  std::string name;
  std::string by;
  std::optional<audit_record> audit = {};
};

struct describe_lane {};

// --- requests about the processes of the active deployment

struct describe_processes {};

struct scale_lane {
  process_counts counts; // of the processes that are to change
  std::optional<audit_record> audit = {};
};

struct stop_lane {
  std::optional<audit_record> audit = {};
};

struct start_lane {
  std::optional<audit_record> audit = {};
};

// Stops and starts the instances of a process that is not routed.
struct restart_process {
  std::string process;
  std::optional<audit_record> audit = {};
};

// --- reports

struct upload_moved {
  std::string deployment;
  std::uint64_t offset = 0;
};

// An event for the journal of the lane's deployment in flight.
struct journal_note {
  std::string deployment;
  event_body body;
};

struct instance_checked {
  std::string deployment;
  std::string name;
  probe_answer answer;
};

} // namespace pawl
