// The field lists of the lifecycle's structs that are stored, sent or shown as JSON: each names its
// fields here, once. The lists of the messages stand beside their structs (connection, deploying,
// following, reading, auditing), those of what is only stored in
// persistence/lmdb/stored_fields.hpp.
//
// A field list is a template over constness, `fields(visit, object)`: the visitor is called with
// (name, member) for each field. The names are those of the contract's JSON. protocol/msgpack makes
// msgpack of the lists, for frames and for records; protocol/json makes JSON.
#pragma once

#include "lifecycle/access.hpp"
#include "lifecycle/audit.hpp"
#include "lifecycle/cluster.hpp"
#include "lifecycle/event.hpp"
#include "lifecycle/freeze.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/warm.hpp"

#include <type_traits>

namespace pawl {

// T or const T.
template <class Object, class T>
concept is_a = std::is_same_v<std::remove_const_t<Object>, T>;

template <class Visit, is_a<pawl::error> Object>
void fields(Visit&& visit, Object& x) {
  visit("code", x.code);
  visit("message", x.message);
  visit("details", x.details);
}

template <class Visit, is_a<failure> Object>
void fields(Visit&& visit, Object& x) {
  visit("code", x.code);
  visit("message", x.message);
  visit("details", x.details);
  visit("state", x.state);
}

template <class Visit, is_a<source_facts> Object>
void fields(Visit&& visit, Object& x) {
  visit("digest", x.digest);
  visit("bytes", x.bytes);
  visit("files", x.files);
}

template <class Visit, is_a<git_facts> Object>
void fields(Visit&& visit, Object& x) {
  visit("sha", x.sha);
  visit("branch", x.branch);
  visit("message", x.message);
  visit("author", x.author);
  visit("author_email", x.author_email);
  visit("committed_at", x.committed_at);
  visit("repository", x.repository);
  visit("dirty", x.dirty);
}

template <class Visit, is_a<transition_entry> Object>
void fields(Visit&& visit, Object& x) {
  visit("state", x.state);
  visit("at", x.at);
  visit("by", x.by);
}

template <class Visit, is_a<freeze_record> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("reason", x.reason);
  visit("by", x.by);
  visit("at", x.at);
  visit("until", x.until);
}

template <class Visit, is_a<lane_freeze> Object>
void fields(Visit&& visit, Object& x) {
  visit("reason", x.reason);
  visit("by", x.by);
  visit("since", x.since);
  visit("until", x.until);
}

template <class Visit, is_a<audit_record> Object>
void fields(Visit&& visit, Object& x) {
  visit("at", x.at);
  visit("by", x.by);
  visit("action", x.action);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("target", x.target);
  visit("outcome", x.outcome);
  visit("code", x.code);
  visit("address", x.address);
  visit("detail", x.detail);
}

// The part of a deployment that clients see; its internals are persistence's.
template <class Visit, is_a<deployment> Object>
void fields(Visit&& visit, Object& x) {
  visit("id", x.id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("operation", x.operation);
  visit("state", x.state);
  visit("version", x.version);
  visit("source", x.source);
  visit("git", x.git);
  visit("by", x.by);
  visit("message", x.message);
  visit("request_id", x.request_id);
  visit("created_at", x.created_at);
  visit("updated_at", x.updated_at);
  visit("finished_at", x.finished_at);
  visit("error", x.error);
  visit("replaces", x.replaces);
  visit("urls", x.urls);
  visit("transitions", x.transitions);
  visit("config", x.config);
}

template <class Visit, is_a<state_event> Object>
void fields(Visit&& visit, Object& x) {
  visit("state", x.state);
  visit("error", x.error);
}

template <class Visit, is_a<progress_event> Object>
void fields(Visit&& visit, Object& x) {
  visit("step", x.step);
  visit("current", x.current);
  visit("total", x.total);
  visit("unit", x.unit);
}

// `line` is bytes as a program printed them: not always UTF-8. It is sent as msgpack binary.
template <class Visit, is_a<log_event> Object>
void fields(Visit&& visit, Object& x) {
  visit("step", x.step);
  visit("stream", x.stream);
  visit("line", x.line);
}

template <class Visit, is_a<health_event> Object>
void fields(Visit&& visit, Object& x) {
  visit("instance", x.instance);
  visit("ok", x.ok);
  visit("detail", x.detail);
}

template <class Visit, is_a<warning_event> Object>
void fields(Visit&& visit, Object& x) {
  visit("message", x.message);
}

// The name of an event's kind, its `event` field.
inline std::string_view kind(const event_body& body) {
  constexpr std::array<std::string_view, std::variant_size_v<event_body>> names{
      "state", "progress", "log", "health", "warning"};
  return names[body.index()];
}

template <class Visit, is_a<event> Object>
void fields(Visit&& visit, Object& x) {
  visit("seq", x.seq);
  visit("at", x.at);
  visit("body", x.body);
}

template <class Visit, is_a<build_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("command", x.command);
  visit("dockerfile", x.dockerfile);
  visit("image", x.image);
  visit("target", x.target);
  visit("args", x.args);
  visit("timeout", x.timeout);
  visit("network", x.network);
  visit("env", x.env);
  visit("secrets", x.secrets);
  visit("root", x.root);
}

template <class Visit, is_a<run_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("command", x.command);
  visit("instances", x.instances);
  visit("stop_timeout", x.stop_timeout);
  visit("sticky", x.sticky);
  visit("env", x.env);
  visit("user", x.user);
  visit("read_only", x.read_only);
  visit("memory", x.memory_bytes);
  visit("cpus", x.millicpus);
}

template <class Visit, is_a<process_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("command", x.command);
  visit("instances", x.instances);
  visit("settle", x.settle);
  visit("stop_timeout", x.stop_timeout);
  visit("memory", x.memory_bytes);
  visit("cpus", x.millicpus);
  visit("env", x.env);
}

template <class Visit, is_a<deploy_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("replaces", x.replaces);
}

template <class Visit, is_a<process_count> Object>
void fields(Visit&& visit, Object& x) {
  visit("process", x.process);
  visit("instances", x.instances);
}

template <class Visit, is_a<release_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("command", x.command);
  visit("timeout", x.timeout);
}

template <class Visit, is_a<health_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("path", x.path);
  visit("host", x.host);
  visit("interval", x.interval);
  visit("timeout", x.timeout);
  visit("healthy_threshold", x.healthy_threshold);
  visit("deadline", x.deadline);
}

template <class Visit, is_a<volume_settings> Object>
void fields(Visit&& visit, Object& x) {
  visit("path", x.path);
}

template <class Visit, is_a<manifest> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("build", x.build);
  visit("run", x.run);
  visit("release", x.release);
  visit("health", x.health);
  visit("volumes", x.volumes);
  visit("processes", x.processes);
  visit("deploy", x.deploy);
}

} // namespace pawl
