#include "client/terminal/text_volumes.hpp"

#include "client/exit_status.hpp"
#include "client/terminal/text_audit.hpp"
#include "client/terminal/time.hpp"
#include "lifecycle/deadlines.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::client {

std::string volumes_text(const protocol::volume_list& list, const look& how) {
  if (list.volumes.empty())
    return "no volumes; an app gets one by [volume.NAME] in its pawl.toml\n";
  constexpr std::size_t path_least = 8;
  table_rows all;
  for (const auto& each : list.volumes)
    all.push_back({printable(each.app), printable(each.cluster), printable(each.name),
                   (each.measured ? "" : "over ") + human_bytes(each.bytes),
                   each.path.empty() ? "not in use" : printable(each.path)});
  auto text =
      table({{"APP"}, {"CLUSTER"}, {"VOLUME"}, {"SIZE"}, {"PATH", 0, path_least}}, all, how);
  if (!list.complete)
    text += "there are more: name an app (-a APP) or a cluster (-C CLUSTER) to see them\n";
  return text;
}

std::string volume_removed_text(const protocol::volume_removed& gone, const look& how) {
  return fmt::format("the volume {} of {} in {} is removed\n", how.strong(printable(gone.name)),
                     printable(gone.app), printable(gone.cluster));
}

} // namespace pawl::client
