// The uploads that the server takes at once: each has a thread and a file. Any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

namespace pawl {

class upload_slots : public std::enable_shared_from_this<upload_slots> {
public:
  explicit upload_slots(std::size_t most) : most_(most) {}

  // One upload's place; free again when the last copy is gone.
  using place = std::shared_ptr<void>;

  // Empty if all are taken.
  place take() {
    std::lock_guard lock{mutex_};
    return taken_ < most_ ? give() : place{};
  }

  // For the upload of a deployment in flight: it was admitted, and is not turned away.
  place take_anyway() {
    std::lock_guard lock{mutex_};
    return give();
  }

private:
  place give() {
    ++taken_;
    return {this, [self = shared_from_this()](void*) {
              std::lock_guard lock{self->mutex_};
              --self->taken_;
            }};
  }

  std::mutex mutex_;
  std::size_t most_;
  std::size_t taken_ = 0;
};

} // namespace pawl
