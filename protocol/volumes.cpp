#include "protocol/volumes.hpp"

#include "lifecycle/volumes.hpp"
#include "protocol/checks.hpp"

namespace pawl::protocol {

using namespace checks;

result<void> check(const volumes_request& m) {
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster));
}

result<void> check(const volume_remove_request& m) {
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster),
                     check_volume_name(m.name));
}

result<void> check(const volume_list& m) {
  return first_error(at_most("a list", m.volumes.size(), limits::volumes_listed, "volumes"),
                     each(m.volumes, [](const volume_view& one) {
                       return first_error(
                           word("the app", one.app), word("the cluster", one.cluster),
                           word("the volume", one.name),
                           at_most("the path", one.path.size(), limits::volume_path_bytes));
                     }));
}

result<void> check(const volume_removed& m) {
  return first_error(word("the app", m.app), word("the cluster", m.cluster),
                     word("the volume", m.name));
}

} // namespace pawl::protocol
