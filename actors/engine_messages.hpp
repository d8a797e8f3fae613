// The messages to an ENGINE CALLER (interfaces.hpp), which makes one blocking call of an engine or
// a probe for each.
#pragma once

#include "engines/instance_logs.hpp"
#include "lifecycle/deployment.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pawl {

struct stop_instance {
  std::string name;
  duration grace = {};
};

struct list_instances {};
// Name the deployments of which an upload or a build is on the disk.
struct list_leftovers {};

struct find_artifact {
  std::string app;
  std::string digest;
};

struct erase_volume {
  lane_key lane;
  std::string name;
};

struct probe_instance {
  std::string name;
  std::string address;
  health_settings health;
};

// Where does the instance listen?
struct find_listening {
  std::string name;
};

struct tail_instance {
  std::string name;
  std::size_t lines = 0;
};

// Read on in an instance's log.
struct read_log {
  std::string name;
  std::optional<std::uint64_t> from = {}; // without: its last lines
  std::size_t lines = 0;                  // so many are the last
  std::size_t most_lines = 0;
  bool unfinished = false;         // a last line that is not ended, too
  std::function<void()> more = {}; // if set: called once when there is more, after the end was read
};

struct read_page {
  log_page page;
  std::shared_ptr<void> watch = {}; // while it lives, `more` may be called
};

} // namespace pawl
