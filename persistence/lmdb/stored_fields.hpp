// The field lists of values that are stored and never sent; the others are in protocol/fields.hpp.
// A field may be added (readers keep its default where it is missing), but never renamed: another
// meaning is a new format.
#pragma once

#include "lifecycle/host_names.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/token.hpp"
#include "lifecycle/variables.hpp"
#include "persistence/lmdb/records.hpp"
#include "protocol/fields.hpp"

namespace pawl {

template <class Visit, is_a<lane_key> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

template <class Visit, is_a<lane_record> Object>
void fields(Visit&& visit, Object& x) {
  visit("lane", x.lane);
  visit("active", x.active);
  visit("last_created", x.last_created);
  visit("revision", x.revision);
  visit("destroyed_at", x.destroyed_at);
  visit("counts", x.counts);
  visit("stopped_at", x.stopped_at);
  visit("configs", x.configs);
}

template <class Visit, is_a<host_claim> Object>
void fields(Visit&& visit, Object& x) {
  visit("host", x.host);
  visit("lane", x.lane);
}

template <class Visit, is_a<token_record> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("digest", x.digest);
  visit("role", x.grant.role);
  visit("apps", x.grant.apps);
  visit("clusters", x.grant.clusters);
  visit("created_at", x.created_at);
  visit("created_by", x.created_by);
  visit("expires_at", x.expires_at);
  visit("last_used_at", x.last_used_at);
  visit("revision", x.revision);
}

template <class Visit, is_a<version_record> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("number", x.number);
  visit("artifact", x.artifact);
  visit("deployment", x.deployment);
  visit("cluster", x.cluster);
  visit("engine", x.engine);
  visit("created_at", x.created_at);
  visit("settings", x.settings);
}

// `clear` is never stored.
template <class Visit, is_a<variable> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("is_secret", x.is_secret);
  visit("value", x.value);
  visit("revision", x.revision);
  visit("by", x.by);
  visit("at", x.at);
}

template <class Visit, is_a<configuration> Object>
void fields(Visit&& visit, Object& x) {
  visit("lane", x.lane);
  visit("number", x.number);
  visit("at", x.at);
  visit("by", x.by);
  visit("request_id", x.request_id);
  visit("variables", x.variables);
  visit("added", x.added);
  visit("changed", x.changed);
  visit("removed", x.removed);
  visit("deployment", x.deployment);
  visit("restored", x.restored);
}

template <class Visit, is_a<deployment_internals> Object>
void fields(Visit&& visit, Object& x) {
  visit("revision", x.revision);
  visit("promised", x.promised);
  visit("contents", x.contents);
  visit("settings", x.settings);
  visit("artifact", x.artifact);
  visit("outcome", x.outcome);
  visit("resumes", x.resumes);
  visit("despite_freeze", x.despite_freeze);
  visit("took_over", x.took_over);
  visit("counts", x.counts);
}

} // namespace pawl

namespace pawl::records {

template <class Visit, is_a<meta_record> Object>
void fields(Visit&& visit, Object& x) {
  visit("format", x.format);
}

// Some of deployment's fields, in the same order. The revision is among the internals.
template <class Visit, is_a<deployment_head> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("state", x.state);
  visit("request_id", x.request_id);
  visit("created_at", x.created_at);
}

template <class Visit, is_a<version_counter> Object>
void fields(Visit&& visit, Object& x) {
  visit("last", x.last);
}

template <class Visit, is_a<request_claim> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

template <class Visit, is_a<journal_batch> Object>
void fields(Visit&& visit, Object& x) {
  visit("events", x.events);
}

template <class Visit, is_a<journal_head> Object>
void fields(Visit&& visit, Object& x) {
  visit("last", x.last);
  visit("bytes", x.bytes);
  visit("left_out", x.left_out);
}

} // namespace pawl::records
