#include "bench/rows/timed_server_plan.hpp"

namespace pawl::bench {

server_plan timed_server_plan_in(const workplace& place, const std::filesystem::path& directory,
                                 const timed_hands_plan& hands) {
  return {directory,
          {place.program("pawl-bench").string(), "__server", "--directory", directory.string(),
           "--build-ms", std::to_string(hands.build.count()), "--start-ms",
           std::to_string(hands.start.count()), "--running", std::to_string(hands.running),
           "--first-running", std::to_string(hands.first_running), "--lines",
           std::to_string(hands.lines), "--line-ms", std::to_string(hands.line_pause.count()),
           "--survivors", hands.survivors.string()}};
}

} // namespace pawl::bench
