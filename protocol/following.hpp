// The messages that follow a deployment's journal, and the output of a lane's instances.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks to be sent the deployment's events from a number on, as far as the credit goes; answered by
// events messages, and at the end by `followed`.
struct follow_request {
  static constexpr std::string_view kind = "follow_request";

  std::string deployment; // id or unique prefix
  std::uint64_t from = 1;
  std::uint32_t credit = 0; // at most limits::event_credit
};

template <class Visit, is_a<follow_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("from", x.from);
  visit("credit", x.credit);
}

result<void> check(const follow_request& m);

// Allows so many more events of the follow_request that had this ref, or lines of the logs_request.
struct follow_credit {
  static constexpr std::string_view kind = "follow_credit";

  std::uint32_t events = 0;
};

template <class Visit, is_a<follow_credit> Object>
void fields(Visit&& visit, Object& x) {
  visit("events", x.events);
}

result<void> check(const follow_credit& m);

// How far a client has read what an instance printed.
struct log_place {
  std::string instance;
  std::uint64_t offset = 0;
};

template <class Visit, is_a<log_place> Object>
void fields(Visit&& visit, Object& x) {
  visit("instance", x.instance);
  visit("offset", x.offset);
}

// Asks for what a lane's instances print, or those of one deployment: of each the last `lines`.
// Answered by log_lines as far as the credit goes; and at the end by logs_complete, unless it is to
// follow. The instances of a deployment that has ended, or ends, have an end also then.
struct logs_request {
  static constexpr std::string_view kind = "logs_request";

  std::string app;     // both are empty where a deployment is named
  std::string cluster; // empty: the server's only one, or the only one that has the app
  std::uint32_t lines = limits::log_lines_default;
  bool follow = false;      // over restarts of the instances, and over the switch to others
  std::uint32_t credit = 0; // lines; at most limits::event_credit
  bool resumed = false;     // after a lost connection: what came since `places`, not the last lines
  std::vector<log_place> places = {};
  std::string deployment = {}; // id or unique prefix
};

template <class Visit, is_a<logs_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("lines", x.lines);
  visit("follow", x.follow);
  visit("credit", x.credit);
  visit("resumed", x.resumed);
  visit("places", x.places);
  visit("deployment", x.deployment);
}

result<void> check(const logs_request& m);

// --- answers

// Events of a followed journal, in order, without a gap.
struct events {
  static constexpr std::string_view kind = "events";

  std::string deployment;
  std::vector<event> list;
};

template <class Visit, is_a<events> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
  visit("list", x.list);
}

result<void> check(const events& m);

// The followed deployment has settled, and its last event was sent: this is its record.
struct followed {
  static constexpr std::string_view kind = "followed";

  pawl::deployment deployment;
};

template <class Visit, is_a<followed> Object>
void fields(Visit&& visit, Object& x) {
  visit("deployment", x.deployment);
}

result<void> check(const followed& m);

// Lines that an instance printed, in order. The first of each may have no lines: it says where
// its log is read from.
struct log_lines {
  static constexpr std::string_view kind = "log_lines";

  std::string instance;
  std::vector<std::string> lines;    // in bytes as they came
  std::uint64_t skipped = 0;         // bytes before them that the server has no more
  std::uint64_t next = 0;            // the place to go on from
  bool ended = false;                // the instance was stopped for good, and this was its last
  std::vector<timestamp> times = {}; // when each line came; none of a server that does not know
};

template <class Visit, is_a<log_lines> Object>
void fields(Visit&& visit, Object& x) {
  visit("instance", x.instance);
  visit("lines", x.lines);
  visit("skipped", x.skipped);
  visit("next", x.next);
  visit("ended", x.ended);
  visit("times", x.times);
}

result<void> check(const log_lines& m);

// All that was asked for was sent.
struct logs_complete {
  static constexpr std::string_view kind = "logs_complete";
};

template <class Visit, is_a<logs_complete> Object>
void fields(Visit&&, Object&) {}

inline result<void> check(const logs_complete&) {
  return {};
}

} // namespace pawl::protocol
