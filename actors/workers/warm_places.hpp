// The warm instances of all lanes, within each cluster's warm_memory (lifecycle/warm.hpp). Any
// thread.
#pragma once

#include "lifecycle/cluster.hpp"
#include "lifecycle/warm.hpp"

#include <functional>
#include <memory>
#include <mutex>

namespace pawl {

class warm_places : public std::enable_shared_from_this<warm_places> {
public:
  // The memory of the warm instances of one deployment; free again when the last copy is gone.
  using place = std::shared_ptr<void>;

  // Calls `give_up`, from any thread and at most once, when these instances have to end: they were
  // the oldest when others came, or clear() was called. Called within this call, they do not fit at
  // all.
  place take(const cluster_settings& cluster, warm_claim claim, std::function<void()> give_up);

  // Gives up all warm instances of the cluster: a start was refused for want of resources. False if
  // there were none.
  bool clear(const std::string& cluster);

  // Those of one lane, the oldest first.
  std::vector<warm_claim> of_lane(const lane_key& lane) const;

  // Whether the version has warm instances in any lane of the app.
  bool has(const std::string& app, version_number version) const;

private:
  using callbacks = std::vector<std::function<void()>>;

  void free(const std::string& cluster, std::uint64_t number);
  callbacks take_callbacks(const std::vector<std::uint64_t>& numbers);

  mutable std::mutex mutex_;
  std::map<std::string, warm_ledger> ledgers_; // by cluster
  std::map<std::uint64_t, std::function<void()>> give_up_;
  std::uint64_t last_ = 0;
};

} // namespace pawl
