#include "actors/runtime/shared_actor.hpp"

#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>

#include <algorithm>
#include <exception>
#include <mutex>

namespace pawl {

namespace {

// Forwards each message in the sender's thread, without a turn of the scheduler, and has no code of
// its own that could fail.
class address_actor final : public caf::monitorable_actor {
public:
  explicit address_actor(caf::actor_config& config) : monitorable_actor(config) {}

  const char* name() const override { return "address"; }

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit* host) override {
    present()->enqueue(std::move(what), host);
  }

  void lead_to(caf::strong_actor_ptr next) {
    std::lock_guard lock{mutex_};
    present_ = std::move(next);
  }

private:
  caf::strong_actor_ptr present() {
    std::lock_guard lock{mutex_};
    return present_;
  }

  std::mutex mutex_;
  caf::strong_actor_ptr present_;
};

address_actor& as_address(const caf::strong_actor_ptr& address) {
  return static_cast<address_actor&>(*address->get());
}

} // namespace

shared_actor::shared_actor(caf::actor_system& system, std::string name, maker make)
    : name_(std::move(name)), make_(std::move(make)), since_(system.clock().now()) {
  caf::actor_config config;
  address_ = caf::make_actor<address_actor, caf::strong_actor_ptr>(system.next_actor_id(),
                                                                   system.node(), &system, config);
  auto first = make_();
  present_ = caf::actor_cast<caf::actor_addr>(first);
  as_address(address_).lead_to(std::move(first));
}

duration shared_actor::pause_after_death(caf::actor_clock::time_point now) {
  if (now - since_ > limits::restart_backoff_max) {
    backoff_ = limits::restart_backoff_first;
    return duration::zero();
  }
  auto pause = backoff_;
  backoff_ = std::min<duration>(backoff_ * 2, limits::restart_backoff_max);
  return pause;
}

bool shared_actor::replace(caf::actor_clock::time_point now) {
  caf::strong_actor_ptr next;
  try {
    next = make_();
  } catch (const std::exception&) { // of the threads' library, or of memory
    return false;
  }
  since_ = now;
  present_ = caf::actor_cast<caf::actor_addr>(next);
  as_address(address_).lead_to(std::move(next));
  return true;
}

} // namespace pawl
