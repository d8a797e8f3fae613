// The freezes that the store has, for those who ask at every deploy: a copy in memory. The STORE
// WRITER notes a freeze when its commit is durable, and before that is answered. Any thread.
#pragma once

#include "lifecycle/freeze.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <mutex>

namespace pawl {

class present_freezes {
public:
  // Reads all of them. If they cannot be read, everything is frozen, and the reason says so.
  void load(const store& records);

  // Takes over what the store has of a change.
  void note(const receipt& stored);

  // As find_freeze() of lifecycle/freeze.hpp.
  std::optional<lane_freeze> find(const lane_key& lane, timestamp now,
                                  std::span<const freeze_window> windows) const;

private:
  using list = std::vector<freeze_record>;

  std::shared_ptr<const list> all() const;
  void replace(list all);

  mutable std::mutex mutex_;
  std::shared_ptr<const list> all_ = std::make_shared<const list>(); // never changed, but replaced
};

} // namespace pawl
