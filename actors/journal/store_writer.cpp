#include "actors/journal/store_writer.hpp"

#include <algorithm>
#include <iterator>

namespace pawl {

store_writer_state::~store_writer_state() {
  for (auto& promise : waiting)
    promise.deliver(caf::make_error(caf::sec::runtime_error));
}

caf::result<result<receipt>> store_writer_state::gather(change& wanted) {
  gathered.push_back(std::move(wanted));
  auto promise = self->make_response_promise<result<receipt>>();
  waiting.push_back(promise);
  // The flush queues behind every change that is in the mailbox already: those share the
  // transaction.
  if (!flush_is_due) {
    flush_is_due = true;
    self->send(self, flush_gathered{});
  } else if (gathered.size() >= limits::store_commit_changes) {
    flush();
  }
  return promise;
}

// A commit costs its flushes whatever is in it. Whom the one before has answered has the next
// change ready soon: it would come in the middle of a commit, and wait for the end of that.
bool store_writer_state::more_are_coming() {
  const bool came = gathered.size() > std::exchange(seen, gathered.size());
  return answered_last >= limits::store_commit_siblings && gathered.size() < answered_last &&
         came && looks++ < limits::store_commit_looks;
}

void store_writer_state::look() {
  if (more_are_coming())
    self->delayed_send(self, limits::store_commit_look, flush_gathered{});
  else
    flush();
}

void store_writer_state::flush() {
  flush_is_due = false;
  seen = 0;
  looks = 0;
  if (gathered.empty())
    return;
  auto changes = std::exchange(gathered, {});
  auto outcomes = records->commit(changes);
  auto promises = std::exchange(waiting, {});
  answered_last = outcomes.size();
  std::vector<known_tokens::on_end> ended; // told last: who revokes their own token is answered
  store_advanced advanced;
  for (const auto& outcome : outcomes) {
    if (!outcome)
      continue;
    freezes->note(*outcome);
    std::ranges::move(tokens->apply(*outcome), std::back_inserter(ended));
    for (const auto& grown : outcome->journal)
      advanced.journals.insert(grown.deployment);
    for (const auto& written : outcome->deployments) {
      advanced.journals.insert(written.id);
      advanced.lanes.insert(lane_of(written));
    }
  }
  for (std::size_t i = 0; i < promises.size(); ++i)
    promises[i].deliver(std::move(outcomes[i]));
  for (const auto& tell : ended)
    tell();
  if (!advanced.journals.empty())
    self->send(journal, std::move(advanced));
}

store_writer_actor::behavior_type
store_writer(blocking_pointer<store_writer_actor, store_writer_state> self,
             std::shared_ptr<store> records, journal_actor journal,
             std::shared_ptr<known_tokens> tokens, std::shared_ptr<present_freezes> freezes) {
  self->state.self = self;
  self->state.records = std::move(records);
  self->state.journal = std::move(journal);
  self->state.tokens = std::move(tokens);
  self->state.freezes = std::move(freezes);
  if (auto all = self->state.records->tokens())
    self->state.tokens->reload(*all);
  self->state.freezes->load(*self->state.records);
  self->send(self->state.journal, all_may_have_advanced{});
  return {
      [self](change& wanted) { return self->state.gather(wanted); },
      [self](const flush_gathered&) { self->state.look(); },
  };
}

} // namespace pawl
