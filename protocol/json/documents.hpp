// The JSON that programs read, as the contract (docs of the CLI) has it: each function gives one
// document on one line, without a line feed. Bytes that are not UTF-8 become U+FFFD.
#pragma once

#include "protocol/messages.hpp"

#include <optional>
#include <string>

namespace pawl::json {

// {"deployment": {…}}, with "error" beside it if there is one; only {"error": {…}} if there is no
// deployment.
std::string deployment_document(const std::optional<deployment>& record,
                                const std::optional<error>& problem);

std::string error_document(const error& problem);

// One line of --jsonl: {"deployment": id, "seq", "at", "event": kind, and the fields of its kind}.
std::string event_line(std::string_view deployment, const event& what);

// The last line of --jsonl: {"event": "result", "deployment": {…}}, with "error" as above.
std::string result_line(const std::optional<deployment>& record,
                        const std::optional<error>& problem);

// A line that an instance printed, and when it came, if the server knows.
struct printed_line {
  std::string_view instance;
  std::optional<timestamp> at = {};
  std::string_view text;
};

// {"instance", "at", "line"}: of `lines` in {"lines": []}. `at` is null where it is not known.
std::string log_entry(const printed_line& printed);

// The same as a line of --jsonl, with "event": "log"; and {"event": "skipped", "instance", "bytes"}
// where the server had no more of a log.
std::string log_event_line(const printed_line& printed);
std::string skipped_line(std::string_view instance, std::uint64_t bytes);

// A server that the person has logged in to.
struct listed_server {
  std::string name;
  std::string address;
  std::optional<std::string> fingerprint = {};
  bool current = false; // the one that is used where none is named
};

std::string document(const std::vector<listed_server>& all); // {"servers": []}

// {"server": {"name", "address", "fingerprint", "current"}, "whoami": {…}}
struct logged_in {
  listed_server server;
  protocol::whoami who;
};
std::string document(const logged_in& done);
std::string logged_out_document(std::string_view name); // {"logged_out": name}

// {"config", "address", "fingerprint", "token"}: of a server that was set up.
struct new_server {
  std::string config; // the path of its pawld.toml
  std::string address;
  std::string fingerprint;
  std::optional<secret> token; // nothing: none was made
};
std::string document(const new_server& made);

std::string document(const protocol::lane_list& list);    // {"lanes": []}
std::string document(const protocol::history_list& list); // {"deployments": [], "next_cursor"}
std::string document(const protocol::version_list& list); // {"versions": []}
std::string document(const protocol::app_list& list);     // {"apps": []}
std::string document(const protocol::cluster_list& list); // {"clusters": []}
std::string document(const protocol::planned& plan);      // {"plan": {…}}
std::string document(const protocol::destroyed& gone);    // {"destroyed": {…}}
// {"app", "cluster", "deployment", "version", "stopped_at", "processes": []}
std::string document(const protocol::process_list& list);
std::string document(const protocol::volume_list& list);    // {"volumes": [], "complete"}
std::string document(const protocol::volume_removed& gone); // {"removed": {…}}
std::string document(const protocol::whoami& who);          // {"user", "role", …}
std::string document(const protocol::token_list& list);
std::string document(const protocol::token_revoked& gone);
// The token in clear text: the only document that has one.
std::string document(const protocol::token_created& made);
std::string document(const protocol::configured& done);
std::string document(const protocol::variable_list& list);
std::string document(const protocol::config_list& list);
std::string document(const protocol::frozen& what);     // {"freeze": {…}}
std::string document(const protocol::unfrozen& what);   // {"unfrozen": {…}}
std::string document(const protocol::audit_list& list); // {"records": [], "next_cursor"}

} // namespace pawl::json
