// Many clients at once that ask without pause, and a count of what became of every request.
#pragma once

#include "test/support/http_client.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>
#include <vector>

namespace pawl::test {

struct load_plan {
  http_url url;
  std::string host; // the Host header
  unsigned clients = 8;
  std::string slow_path = {}; // asked by clients of their own
  unsigned slow_clients = 0;
};

// A request is lost if no complete response came, or one of status 500 or more; else it is ok. None
// is ever sent twice.
struct load_report {
  std::uint64_t requests = 0;
  std::uint64_t ok = 0;
  std::uint64_t lost = 0;
  std::map<std::string, std::uint64_t> by_body; // first line of the body; at most 1000 of them
  std::map<int, std::uint64_t> statuses;        // 0: no complete response
  std::vector<std::uint32_t> microseconds;      // of each complete response, ascending

  // The time within which this share (0 to 1) of the responses came, in milliseconds.
  double percentile_ms(double share) const;
};

// The clients run from the construction to finish().
class http_load {
public:
  explicit http_load(load_plan plan);

  // Lets each client finish its request, and counts. Once.
  load_report finish();

  // How many requests have ended so far.
  std::uint64_t so_far() const {
    return std::accumulate(of_each_.begin(), of_each_.end(), std::uint64_t{0});
  }

  // How many each client has ended so far.
  std::vector<std::uint64_t> of_each_client() const { return {of_each_.begin(), of_each_.end()}; }

private:
  void ask_without_pause(const std::string& path, std::atomic<std::uint64_t>& ended,
                         const std::stop_token& stop);
  void add(const load_report& part);

  load_plan plan_;
  std::mutex mutex_;
  load_report total_;
  std::deque<std::atomic<std::uint64_t>> of_each_;
  std::vector<std::jthread> threads_;
};

} // namespace pawl::test
