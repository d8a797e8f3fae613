// Remote actor clients that send requests, and time each until its answer.
#pragma once

#include "bench/load/histogram.hpp"
#include "client/link/server_link.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace pawl::bench {

struct request_plan {
  std::string socket;
  std::size_t clients = 1;
  std::chrono::milliseconds time{500};
  // Requests a second, of all clients together, each sent at its time whatever became of those
  // before it; the latency is counted from that time. 0: each client waits for its answer.
  double rate = 0;
  // The number-th request of a client, from 0.
  std::function<protocol::message(std::size_t client, std::size_t number)> make;
};

// The answer to one request; what comes meanwhile for others is dropped. Throws std::runtime_error
// when the server is lost or silent.
protocol::message ask(client::server_link& link, protocol::message request);

struct request_tally {
  histogram latencies;      // nanoseconds, of those that were granted
  histogram refusals;       // the same, of those that were refused
  std::string refusal = {}; // the words of the first
  double seconds = 0;

  double rate() const { return static_cast<double>(latencies.count()) / seconds; }
};

// Every client is connected before the first begins. Throws std::runtime_error when the server is
// lost.
request_tally send_requests(const request_plan& plan);

} // namespace pawl::bench
