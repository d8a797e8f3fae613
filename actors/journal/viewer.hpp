// One followed journal of one session.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/shared_page.hpp"

#include <functional>
#include <memory>

namespace pawl {

// Where a viewer's output goes; called in the viewer's own handlers.
struct viewer_output {
  using packed = std::shared_ptr<const protocol::packed_events>; // nobody changes it any more

  std::function<void(const packed& list)> events;
  std::function<void(protocol::message)> end; // followed; or refused
};

struct viewer_state {
  static inline const char* name = "viewer";

  asking_pointer<viewer_actor, viewer_state> self;
  std::shared_ptr<const store> records;
  journal_actor journal;
  std::string deployment;
  viewer_output output;
  std::uint64_t next = 1;   // the number of the first event that was not sent
  std::uint32_t credit = 0; // events that may be sent

  void read_on(shared_page& reading);
  void read_alone();
  void send(const std::shared_ptr<const journal_page>& page);
  void end();
  void watch();
};

// Sends the events of a journal from number `from` on, as far as the credit goes, and ends after
// the last one. It keeps no events: what it cannot send yet stays in the store.
viewer_actor::behavior_type viewer(asking_pointer<viewer_actor, viewer_state> self,
                                   std::shared_ptr<const store> records, journal_actor journal,
                                   std::string deployment, std::uint64_t from, std::uint32_t credit,
                                   viewer_output output);

} // namespace pawl
