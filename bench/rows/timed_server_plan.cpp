#include "bench/rows/timed_server_plan.hpp"

namespace pawl::bench {

server_plan timed_server_plan_in(const workplace& place, const std::filesystem::path& directory,
                                 const timed_parts_plan& parts) {
  return {directory,
          {place.program("pawl-bench").string(), "__server", "--directory", directory.string(),
           "--build-ms", std::to_string(parts.build.count()), "--start-ms",
           std::to_string(parts.start.count()), "--running", std::to_string(parts.running),
           "--first-running", std::to_string(parts.first_running), "--lines",
           std::to_string(parts.lines), "--line-ms", std::to_string(parts.line_pause.count()),
           "--survivors", parts.survivors.string()}};
}

} // namespace pawl::bench
