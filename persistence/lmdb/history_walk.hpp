// Walks the indexes of the history from the newest entry to the oldest.
#pragma once

#include "persistence/lmdb/lmdb.hpp"
#include "persistence/paging.hpp"

namespace pawl {

// A part of an index that is ordered by time: one lane's in `history`, one cluster's in
// `timelines`. All its keys begin with the prefix, and end with their place.
struct strand {
  schema::database index;
  std::string prefix; // names, each with its NUL
};

// All strands of an index whose keys begin with `under`; one seek for each. data_corruption for a
// malformed key.
result<std::vector<strand>> strands_in(const lmdb::transaction& in, schema::database index,
                                       std::string_view under = {});

// A merge of strands, by a heap: a step costs one step of a cursor and the logarithm of the number
// of strands. Errors: those of LMDB, and data_corruption for a malformed key. Must not outlive the
// transaction.
class history_walk {
public:
  // At the newest entry of the range.
  static result<history_walk> begin(const lmdb::transaction& in, std::vector<strand> strands,
                                    const paging::range& range);

  bool at_end() const { return cursors_.empty(); }

  // Only when not at_end().
  const paging::position& head() const { return cursors_.front().head; }
  const strand& head_strand() const { return cursors_.front().of; }
  result<void> advance();

private:
  struct strand_cursor {
    strand of;
    lmdb::cursor at;
    paging::position head = {};

    friend bool operator<(const strand_cursor& a, const strand_cursor& b) {
      return a.head < b.head;
    }
  };

  // Whether the entry is one of the strand and the range: its head then.
  result<bool> take(strand_cursor& to, const result<std::optional<lmdb::entry>>& at) const;

  std::optional<timestamp> since_;
  std::vector<strand_cursor> cursors_; // a heap, the newest head first
};

} // namespace pawl
