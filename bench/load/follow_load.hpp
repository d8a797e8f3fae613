// Many viewers of one deployment, each over its own follow of a session, eight to a connection.
#pragma once

#include "bench/load/histogram.hpp"
#include "client/link/server_link.hpp"

#include <string>
#include <vector>

namespace pawl::bench {

struct follow_tally {
  std::uint64_t deliveries = 0; // events that a viewer got
  std::uint64_t gaps = 0;       // events that a viewer missed, or got twice
  std::uint64_t ended = 0;      // viewers that saw the end
  histogram delays;             // nanoseconds from an event's time to its arrival; in steps of 1 ms
};

class viewers {
public:
  // Connects them. Throws std::runtime_error if the server refuses.
  viewers(const std::string& socket, std::size_t count);

  // All of them follow the deployment from its first event, until each has seen its end or the time
  // is over.
  follow_tally follow(const std::string& deployment, std::chrono::milliseconds time);

private:
  struct viewer {
    std::uint64_t next = 1;
    std::uint32_t consumed = 0;
    bool ended = false;
  };
  struct connection {
    std::unique_ptr<client::server_link> link;
    std::vector<viewer> views;
    std::uint64_t first_ref = 0; // of the follow of views[0]; those after it follow
  };

  void begin(connection& one, const std::string& deployment);
  void take(connection& one, const protocol::envelope& got, follow_tally& tally);
  void take_events(connection& one, viewer& view, std::uint64_t ref, const protocol::events& batch,
                   follow_tally& tally);

  std::vector<connection> connections_;
};

} // namespace pawl::bench
