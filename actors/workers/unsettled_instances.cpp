#include "actors/workers/unsettled_instances.hpp"

#include <utility>

namespace pawl {

std::shared_ptr<void> unsettled_instances::begin(instance of) {
  const std::lock_guard lock{mutex_};
  const auto name = of.name;
  auto& known = all_[name];
  ++known.under_way;
  if (known.of.lane.app.empty())
    known.of = std::move(of);
  return {nullptr, [self = shared_from_this(), name](std::nullptr_t) { self->end(name); }};
}

void unsettled_instances::end(const std::string& name) {
  const std::lock_guard lock{mutex_};
  auto known = all_.find(name);
  if (--known->second.under_way == 0)
    all_.erase(known);
}

bool unsettled_instances::contains(const std::string& name) const {
  const std::lock_guard lock{mutex_};
  return all_.contains(name);
}

// A call that ends while the engine lists may have changed what is not in the list yet, so those
// from before are taken.
result<std::vector<instance>> unsettled_instances::list(engine& from) const {
  std::map<std::string, calls> open;
  {
    const std::lock_guard lock{mutex_};
    open = all_;
  }
  auto listed = from.list();
  if (!listed)
    return listed;
  for (auto& one : *listed)
    if (open.erase(one.name) > 0)
      one.state = instance_state::exited;
  for (auto& [name, one] : open) {
    if (one.of.lane.app.empty())
      continue;
    one.of.state = instance_state::exited;
    listed->push_back(std::move(one.of));
  }
  return listed;
}

} // namespace pawl
