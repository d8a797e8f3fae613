// Sends one session the lines that the instances of one lane, or of one deployment, print.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"

#include <functional>
#include <map>
#include <memory>

namespace pawl {

struct log_viewer_parts {
  std::shared_ptr<const store> records;
  journal_actor journal;
  engine_caller_actor reader; // shared with other viewers
};

struct log_viewer_state {
  static inline const char* name = "log_viewer";

  // One instance's log.
  struct source {
    std::optional<std::uint64_t> next = {}; // where it is read on; unknown: at its last lines
    bool runs_on = false;   // the instance is, or may soon be, one that the lane has
    bool at_end = false;    // it has been read to its end, and nobody said that it grew
    bool grew = false;      // somebody said so while it was being read
    bool announced = false; // the client knows where it is read
    std::shared_ptr<void> watch = {};
  };

  asking_pointer<log_viewer_actor, log_viewer_state> self;
  log_viewer_parts parts;
  lane_key lane;
  protocol::logs_request wanted;
  std::function<void(protocol::message)> send; // log_lines, and logs_complete or refused at the end
  std::map<std::string, source> sources;       // by instance
  std::string turn;                            // the one that was read last
  std::uint32_t credit = 0;                    // lines that may be sent
  bool reading = false;
  bool begun = false;
  bool over = false; // no instance of the deployment that was asked for is started any more

  void watch();
  void take_places();
  void look_at_lane();
  result<std::vector<std::string>> instances_of_lane() const;
  result<std::vector<std::string>> instances_of_deployment();
  bool is_complete() const;
  bool was_of_lane(const std::string& instance) const;
  void read_on();
  std::map<std::string, source>::iterator next_source();
  void take(const std::string& instance, read_page& got);
  void end_with(error why);
};

// Sends what the request wants, an instance in turn, and ends after the last line; or with its
// session, if it is to follow. It keeps no lines: what it cannot send yet stays in the log.
log_viewer_actor::behavior_type log_viewer(asking_pointer<log_viewer_actor, log_viewer_state> self,
                                           log_viewer_parts parts, lane_key lane,
                                           protocol::logs_request wanted,
                                           std::function<void(protocol::message)> send);

} // namespace pawl
