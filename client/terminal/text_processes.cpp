#include "client/terminal/text_processes.hpp"

#include "client/terminal/time.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::client {

std::string processes_text(const protocol::process_list& list, const look& how) {
  auto text = how.strong(fmt::format("{} in {}", printable(list.app), printable(list.cluster))) +
              (list.version ? ", " + to_string(*list.version) : std::string{}) + "\n";
  std::size_t width = 0;
  for (const auto& one : list.processes)
    width = std::max(width, one.process.size());
  for (const auto& one : list.processes) {
    const auto runs = list.stopped_at ? how.warned("stopped")
                      : one.running >= one.instances
                          ? how.good("all run")
                          : how.warned(fmt::format("{} run", one.running));
    text += fmt::format("  {:<{}}  {:>3}  {}\n", printable(one.process), width, one.instances,
                        one.instances == 0 ? "" : runs);
  }
  if (list.stopped_at)
    text +=
        fmt::format("stopped since {}; to start it: pawl start -a {} -C {}\n",
                    format_time(*list.stopped_at), printable(list.app), printable(list.cluster));
  return text;
}

} // namespace pawl::client
