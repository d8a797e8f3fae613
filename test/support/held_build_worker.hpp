// A build worker that holds each order until the test lets it go: for what happens while a build
// runs.
#pragma once

#include "actors/interfaces.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>

namespace pawl::test {

// What the held workers of a test share with it.
struct held_builds {
  std::vector<caf::typed_response_promise<result<done>>> builds;
  std::vector<std::stop_token> stops;
  bool hold_releases = false;

  // Every held build ends now, as the engine's promise says: with `cancelled` if it was stopped.
  void let_go() {
    for (std::size_t i = 0; i < builds.size(); ++i)
      builds[i].deliver(stops[i].stop_requested()
                            ? result<done>{error{errc::cancelled, "the build was stopped", {}}}
                            : result<done>{done{}});
    builds.clear();
    stops.clear();
  }
};

inline build_worker_actor::behavior_type held_build_worker(build_worker_actor::pointer self,
                                                           std::shared_ptr<held_builds> held) {
  return {
      [self, held](const build_order& order) -> caf::result<result<done>> {
        held->builds.push_back(self->make_response_promise<result<done>>());
        held->stops.push_back(order.stop);
        return held->builds.back();
      },
      [](const push_order&) -> result<artifact> {
        return artifact{"sha256:" + std::string(64, 'b'), 1};
      },
      [self, held](const release_order& order) -> caf::result<result<done>> {
        if (!held->hold_releases)
          return result<done>{done{}};
        held->builds.push_back(self->make_response_promise<result<done>>());
        held->stops.push_back(order.stop);
        return held->builds.back();
      },
  };
}

} // namespace pawl::test
