#include "gateway/frames/local_clients.hpp"

#include "lifecycle/limits.hpp"
#include "lifecycle/places.hpp"

#include <algorithm>

namespace pawl::gateway {

bool local_clients::admits(uid_t user, std::size_t in_all) const {
  if (user == 0 || user == own_)
    return in_all < most_;
  const auto known = open_.find(user);
  return may_take_another(known == open_.end() ? 0 : known->second, in_all,
                          most_ - std::min(most_, limits::connections_of_owner));
}

void local_clients::remove(uid_t user) {
  const auto known = open_.find(user);
  if (known != open_.end() && --known->second == 0)
    open_.erase(known);
}

} // namespace pawl::gateway
