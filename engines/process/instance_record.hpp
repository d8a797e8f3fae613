// The record of an instance, by which another server process finds it:
// DATA/instances/NAME/record.json.
#pragma once

#include "engines/engine.hpp"

#include <sys/types.h>

namespace pawl {

struct instance_record {
  std::string name;
  std::string deployment;
  lane_key lane;
  version_number version;
  std::string artifact;
  std::uint16_t port = 0;
  std::string address = {}; // in its isolated network; empty: 127.0.0.1
  std::string mark = {};    // of its sandbox; empty in a record of an older server
  std::string boot;         // the boot that the pids belong to
  // Bubblewrap's outer process, and the first process of its namespace. 0 before the start: with
  // such a record, a crash interrupted the start.
  pid_t outer = 0;
  std::uint64_t outer_started = 0; // as in process_table.hpp
  pid_t init = 0;
  std::uint64_t init_started = 0;
  // The process that writes its log; 0 in a record of an older server.
  pid_t log_writer = 0;
  std::uint64_t log_writer_started = 0;
  std::vector<std::string> volumes = {}; // of its lane, that it has; by name

  friend bool operator==(const instance_record&, const instance_record&) = default;
};

// The job of an instance, by which its sandbox and its control group are found (sandbox_host.hpp).
std::string instance_job(const std::string& name);

// Durable when it returns.
result<void> write_record(const std::filesystem::path& file, const instance_record& record);

// not_found; data_corruption if the file is no record. not_found also if its processes run and were
// started with another mark than this: in a copied data directory the record is of another server's
// instance.
result<instance_record> read_record(const std::filesystem::path& file, const std::string& mark);

// Whether its first process has not ended; false after a reboot.
bool runs(const instance_record& record);

} // namespace pawl
