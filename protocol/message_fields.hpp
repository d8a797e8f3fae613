// The field lists of the messages; see fields.hpp.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

template <class Visit, is_a<hello> Object>
void fields(Visit&& visit, Object& x) {
  visit("protocol", x.protocol);
  visit("program", x.program);
  visit("token", x.token);
}

template <class Visit, is_a<ping> Object>
void fields(Visit&&, Object&) {}

template <class Visit, is_a<pong> Object>
void fields(Visit&&, Object&) {}

template <class Visit, is_a<deploy_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
  visit("source", x.source);
  visit("git", x.git);
}

template <class Visit, is_a<upload_chunk> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("offset", x.offset);
  visit("bytes", x.bytes);
}

template <class Visit, is_a<follow_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("from", x.from);
  visit("credit", x.credit);
}

template <class Visit, is_a<follow_credit> Object>
void fields(Visit&& visit, Object& x) {
  visit("events", x.events);
}

template <class Visit, is_a<log_place> Object>
void fields(Visit&& visit, Object& x) {
  visit("instance", x.instance);
  visit("offset", x.offset);
}

template <class Visit, is_a<logs_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("lines", x.lines);
  visit("follow", x.follow);
  visit("credit", x.credit);
  visit("resumed", x.resumed);
  visit("places", x.places);
}

template <class Visit, is_a<cancel_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("app", x.app);
  visit("cluster", x.cluster);
}

template <class Visit, is_a<rollback_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("version", x.version);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
  visit("plan_only", x.plan_only);
}

template <class Visit, is_a<promote_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("request_id", x.request_id);
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("version", x.version);
  visit("message", x.message);
  visit("when_busy", x.when_busy);
}

template <class Visit, is_a<show_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

template <class Visit, is_a<status_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("cursor", x.cursor);
}

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

template <class Visit, is_a<versions_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cursor", x.cursor);
}

template <class Visit, is_a<apps_request> Object>
void fields(Visit&&, Object&) {}

template <class Visit, is_a<clusters_request> Object>
void fields(Visit&&, Object&) {}

template <class Visit, is_a<refused> Object>
void fields(Visit&& visit, Object& x) {
  visit("error", x.error);
}

template <class Visit, is_a<accepted> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("upload_offset", x.upload_offset);
}

template <class Visit, is_a<upload_progress> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("offset", x.offset);
}

template <class Visit, is_a<events> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("list", x.list);
}

template <class Visit, is_a<followed> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

template <class Visit, is_a<log_lines> Object>
void fields(Visit&& visit, Object& x) {
  visit("instance", x.instance);
  visit("lines", x.lines);
  visit("skipped", x.skipped);
  visit("next", x.next);
  visit("ended", x.ended);
}

template <class Visit, is_a<logs_complete> Object>
void fields(Visit&&, Object&) {}

template <class Visit, is_a<shown> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

template <class Visit, is_a<planned> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("from", x.from);
  visit("to", x.to);
  visit("deployment", x.deployment);
}

template <class Visit, is_a<instance_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("state", x.state);
  visit("address", x.address);
  visit("detail", x.detail);
}

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
}

template <class Visit, is_a<lane_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("lanes", x.lanes);
  visit("next_cursor", x.next_cursor);
}

template <class Visit, is_a<history_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployments", x.deployments);
  visit("next_cursor", x.next_cursor);
  visit("damaged", x.damaged);
}

template <class Visit, is_a<version_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("version", x.version);
  visit("artifact", x.artifact);
  visit("created_at", x.created_at);
  visit("deployment", x.deployment);
  visit("live_in", x.live_in);
  visit("can_roll_back", x.can_roll_back);
}

template <class Visit, is_a<version_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("versions", x.versions);
  visit("next_cursor", x.next_cursor);
}

template <class Visit, is_a<app_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("clusters", x.clusters);
}

template <class Visit, is_a<app_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("apps", x.apps);
}

template <class Visit, is_a<cluster_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("engine", x.engine);
  visit("when_busy", x.when_busy);
}

template <class Visit, is_a<cluster_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("clusters", x.clusters);
}

} // namespace pawl::protocol
