#include "actors/viewer.hpp"

#include "actors/journal_watch.hpp"

namespace pawl {

void viewer_state::read_on() {
  while (credit > 0) {
    auto page = records->journal(deployment, next, limits::journal_page_bytes);
    if (!page) {
      output.send(protocol::refused{page.error()});
      self->quit();
      return;
    }
    bool cut = page->events.size() > credit;
    if (cut)
      page->events.resize(credit);
    if (!page->events.empty()) {
      credit -= static_cast<std::uint32_t>(page->events.size());
      next = page->events.back().seq + 1;
      output.send(protocol::events{deployment, std::move(page->events)});
    }
    if (cut || !page->complete)
      continue;
    if (page->settled) {
      auto record = records->find(deployment);
      if (record)
        output.send(protocol::followed{std::move(*record)});
      else
        output.send(protocol::refused{record.error()});
      self->quit();
    }
    return;
  }
}

void viewer_state::watch() {
  watch_through(self, journal, watch_journal{deployment, viewer_actor{self}});
}

viewer_actor::behavior_type viewer(asking_pointer<viewer_actor, viewer_state> self,
                                   std::shared_ptr<const store> records, journal_actor journal,
                                   std::string deployment, std::uint64_t from, std::uint32_t credit,
                                   viewer_output output) {
  auto& state = self->state;
  state.self = self;
  state.records = std::move(records);
  state.journal = std::move(journal);
  state.deployment = std::move(deployment);
  state.output = std::move(output);
  state.next = from;
  state.credit = credit;
  self->send(self, journal_advanced{state.deployment});
  state.watch();
  return {
      [self](const journal_advanced&) { self->state.read_on(); },
      [self](const viewer_credit& more) {
        auto& credit_left = self->state.credit;
        credit_left = std::min(credit_left + std::min(more.events, limits::event_credit),
                               limits::event_credit);
        self->state.read_on();
      },
      [self](const journal_lost&) { self->state.watch(); },
  };
}

} // namespace pawl
