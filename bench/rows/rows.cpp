#include "bench/rows/rows.hpp"

#include <array>

namespace pawl::bench {

std::span<const row> all_rows() {
  static constexpr std::array rows{
      row{"accept", "how soon, and how many a second, requests are accepted and durable",
          accept_row::run},
      row{"transitions", "how many durable transitions a second, and what each costs",
          transitions_row::run},
      row{"lanes", "how near to their own time many apps deploy at once", lanes_row::run},
      row{"contention", "what 64 clients get who all want one lane", contention_row::run},
      row{"history", "what a page of 50 costs among ten thousand and among a million",
          history_row::run},
      row{"fanout", "what it costs that many watch one deployment", fanout_row::run},
      row{"replay", "how fast a long journal is read again", replay_row::run},
      row{"upload", "how fast 200 MB arrive and are verified", upload_row::run},
      row{"network", "what TLS costs: an upload, a status, idle clients, handshakes beside deploys",
          network_row::run},
      row{"flood", "what a build that prints 1 GB does to the server and to others",
          flood_row::run},
      row{"switch", "how long a switch takes, and what it loses", switch_row::run},
      row{"recovery", "how soon a killed server answers again, and what becomes of its work",
          recovery_row::run},
      row{"startup", "what one pawl command costs", startup_row::run},
      row{"idle", "what a server costs that has nothing to do", idle_row::run},
      row{"overload", "what becomes of requests when there are twice as many as can be served",
          overload_row::run},
      row{"endurance", "what many deployments leave in file, memory and latency",
          endurance_row::run},
  };
  return rows;
}

} // namespace pawl::bench
