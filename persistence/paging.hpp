// What every store shares about pages: what a history query selects, the cursor's text, the size of
// an event.
#pragma once

#include "persistence/store.hpp"

#include <tuple>

namespace pawl::paging {

// A place in the history, which is ordered by time and then by id.
struct position {
  timestamp at = {};
  std::string id;

  friend bool operator<(const position& a, const position& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  }
};

// The cursor that stands for a position: hexadecimal, with a checksum.
std::string to_cursor(const position& at);

// invalid_argument for a text that to_cursor() did not make.
result<position> from_cursor(std::string_view cursor);

// The part of the history that a query looks at: before `before` (an empty one: to the newest), and
// not before `since`.
struct range {
  std::optional<position> before = {};
  std::optional<timestamp> since = {};
};

// invalid_argument for a limit out of range, or for a cursor that was not given out.
result<range> range_of(const history_query& query);

// Whether the query's filters let the record through: all but app, cluster and time.
bool selects(const history_query& query, const deployment& d);

// What an event counts of a stored batch: its texts, and a little.
std::size_t bytes_of(const event& x);

} // namespace pawl::paging
