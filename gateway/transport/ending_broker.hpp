// A CAF broker that takes nothing any more once it has ended.
#pragma once

#include <caf/io/broker.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace pawl::gateway {

// CAF 0.17.6 leaves the mailbox of an ended broker open (abstract_broker::cleanup skips
// scheduled_actor::cleanup). A delayed message to itself that comes then holds the broker, and with
// it its session, for ever: 3.4 KiB for each connection that ever was.
class ending_broker : public caf::io::broker {
public:
  using caf::io::broker::broker;

  bool cleanup(caf::error&& why, caf::execution_unit* host) override {
    close_all();
    return caf::scheduled_actor::cleanup(std::move(why), host);
  }
};

template <class State>
using stateful_ending_broker = caf::stateful_actor<State, ending_broker>;

} // namespace pawl::gateway
