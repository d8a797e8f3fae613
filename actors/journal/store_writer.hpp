// The one writer of the store: group commit.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/journal/present_freezes.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/session/known_tokens.hpp"

#include <memory>

namespace pawl {

struct store_writer_state {
  static inline const char* name = "store_writer";

  blocking_pointer<store_writer_actor, store_writer_state> self;
  std::shared_ptr<store> records;
  journal_actor journal;
  std::shared_ptr<known_tokens> tokens;
  std::shared_ptr<present_freezes> freezes;
  std::vector<change> gathered;
  std::vector<caf::typed_response_promise<result<receipt>>> waiting; // one for each change
  bool flush_is_due = false;
  std::size_t answered_last = 0; // changes, by the commit before
  std::size_t seen = 0;          // gathered, at the look before
  unsigned looks = 0;            // since flush_is_due

  // Tells those who wait that it is not known what was stored.
  ~store_writer_state();

  caf::result<result<receipt>> gather(change& wanted);
  void look();
  bool more_are_coming();
  void flush();
};

// Commits the changes that have gathered in its mailbox in one transaction, answers each after the
// flush, and tells `journal` which journals have grown. While many are at work it waits a moment
// for those that it has just answered. It blocks on the disk. `tokens` is as the store is, from its
// first message on: a token that is revoked is refused before that is answered.
store_writer_actor::behavior_type
store_writer(blocking_pointer<store_writer_actor, store_writer_state> self,
             std::shared_ptr<store> records, journal_actor journal,
             std::shared_ptr<known_tokens> tokens, std::shared_ptr<present_freezes> freezes);

} // namespace pawl
