#include "actors/journal/viewer.hpp"

#include "actors/journal/journal_watch.hpp"

namespace pawl {

void viewer_state::read_on(shared_page& reading) {
  while (credit > 0) {
    auto page = reading.from(next, *records, deployment);
    if (!page) {
      output.end(protocol::refused{page.error()});
      self->quit();
      return;
    }
    send(*page);
    if (next != (*page)->events.next() && !(*page)->events.empty())
      return; // the credit is used up
    if (!(*page)->complete)
      continue;
    if ((*page)->settled)
      end();
    return;
  }
}

// As much of the page as the credit allows.
void viewer_state::send(const std::shared_ptr<const journal_page>& page) {
  if (page->events.empty())
    return;
  // The events of the page; they live as long as it does.
  std::shared_ptr<const protocol::packed_events> list{page, &page->events};
  if (list->size() > credit)
    list = std::make_shared<const protocol::packed_events>(list->first(credit));
  credit -= static_cast<std::uint32_t>(list->size());
  next = list->next();
  output.events(list);
}

void viewer_state::end() {
  auto record = records->find(deployment);
  if (record)
    output.end(protocol::followed{std::move(*record)});
  else
    output.end(protocol::refused{record.error()});
  self->quit();
}

void viewer_state::read_alone() {
  shared_page mine;
  read_on(mine);
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
  self->send(self, journal_grown{});
  state.watch();
  return {
      [self](const journal_grown& what) {
        if (what.page)
          self->state.read_on(*what.page);
        else
          self->state.read_alone();
      },
      [self](const viewer_credit& more) {
        auto& credit_left = self->state.credit;
        credit_left = std::min(credit_left + std::min(more.events, limits::event_credit),
                               limits::event_credit);
        self->state.read_alone();
      },
      [self](const journal_lost&) { self->state.watch(); },
  };
}

} // namespace pawl
