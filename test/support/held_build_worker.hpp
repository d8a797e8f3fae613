// A build worker that holds each order until the test lets it go: for what happens while a build
// runs.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <memory>

namespace pawl::test {

// Ends what a held worker holds.
struct let_go {};

// The state that the held workers share with their test.
struct held_builds {
  std::vector<caf::actor> workers;
  std::vector<std::stop_token> stops; // of the orders that are held
  bool hold_releases = false;
  bool hold_pushes = false;

  // Every held order ends, as the engine's promise says: with `cancelled` if it was stopped.
  void end_all() {
    for (const auto& worker : std::exchange(workers, {}))
      caf::anon_send(worker, let_go{});
    stops.clear();
  }
};

// Takes what a build_worker_actor takes. It answers from a handler of its own: CAF's promises want
// that.
inline caf::behavior held_build_worker(caf::event_based_actor* self,
                                       std::shared_ptr<held_builds> held) {
  auto promises = std::make_shared<
      std::vector<std::pair<caf::typed_response_promise<result<done>>, std::stop_token>>>();
  auto hold = [self, held, promises](const std::stop_token& stop) {
    auto promise = self->make_response_promise<result<done>>();
    promises->emplace_back(promise, stop);
    held->workers.emplace_back(self);
    held->stops.push_back(stop);
    return caf::result<result<done>>{promise};
  };
  auto unanswered = [self] {
    return caf::result<result<artifact>>{self->make_response_promise<result<artifact>>()};
  };
  return {
      [hold](const build_order& order) { return hold(order.stop); },
      [held, unanswered](const push_order&) -> caf::result<result<artifact>> {
        if (held->hold_pushes)
          return unanswered();
        return result<artifact>{artifact{"sha256:" + std::string(64, 'b'), 1}};
      },
      [hold, held](const release_order& order) -> caf::result<result<done>> {
        if (held->hold_releases)
          return hold(order.stop);
        return result<done>{done{}};
      },
      [promises](const let_go&) {
        for (auto& [promise, stop] : *promises)
          promise.deliver(stop.stop_requested()
                              ? result<done>{error{errc::cancelled, "the build was stopped", {}}}
                              : result<done>{done{}});
        promises->clear();
      },
  };
}

} // namespace pawl::test

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::test::let_go)
