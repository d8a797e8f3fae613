// The operations that every store is measured with, by clients that wait for each answer.
//
// accept: a new deployment. One transaction: its record (600 bytes), its place in the lane's
// history and among those unfinished, its first event (200 bytes), the claim of its request id, and
// the lane's row, which must be as it was read.
// transition: a deployment of the client's own lane moves. One transaction: its record, which must
// have the revision that was read, and an event.
//
// page: the newest 50 records of one lane, all of their columns, among as many as were prepared,
// over a thousand lanes of which the n-th has about 1/n of what the first has.
#pragma once

#include "bench/load/histogram.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace pawl::bench {

inline constexpr std::size_t record_bytes = 600;
inline constexpr std::size_t event_bytes = 200;

// One client's connection to a peer. Its functions return when the peer says that it is durable,
// and throw std::runtime_error when it is not.
class peer_session {
public:
  peer_session() = default;
  peer_session(const peer_session&) = delete;
  peer_session& operator=(const peer_session&) = delete;
  virtual ~peer_session() = default;

  virtual void accept(std::size_t client, std::size_t number) = 0;
  virtual void transition(std::size_t client, std::size_t number) = 0; // numbers go up from 1
  // Throws std::runtime_error unless a peer that is asked for it does it.
  virtual void page(const std::string& app);
};

struct peer_plan {
  std::string address; // as the peer's own library takes it
  std::string workload;
  std::size_t clients = 1;
  unsigned milliseconds = 500;
  std::size_t records = 0; // page: how many are prepared
};

inline constexpr std::size_t page_lanes = 1000;
inline constexpr std::size_t page_records = 50;

struct peer {
  std::function<void(const peer_plan&)> prepare; // tables, and the clients' lanes; once
  std::function<std::unique_ptr<peer_session>(const peer_plan&)> connect;
  // Workloads of its own, by name; each prints the answer itself.
  std::map<std::string, std::function<void(const peer_plan&)>> own = {};
};

// The whole driver: reads the command line, works, prints {"operations", "seconds", "cpu_seconds"
// (of this process), "p50_us", "p99_us"}; gives the exit status.
int drive(int argc, char** argv, const peer& with);

} // namespace pawl::bench
