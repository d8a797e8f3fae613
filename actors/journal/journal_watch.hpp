// How a viewer comes to hear of what it follows, from whoever is the JOURNAL.
#pragma once

#include "actors/interfaces.hpp"

namespace pawl {

// Asks until it is known there; when that JOURNAL dies, the viewer hears journal_lost, and asks
// again. `what` is a watch_journal or a watch_lane that names the viewer.
template <class Pointer, class Watch>
void watch_through(Pointer self, const journal_actor& journal, Watch what) {
  self->request(journal, limits::request_timeout, std::move(what))
      .then([](const done&) {},
            [self](const caf::error&) {
              self->delayed_send(self, limits::restart_backoff_first, journal_lost{});
            });
}

} // namespace pawl
