// Rules about pages that all stores share: the selection of a history query, the text of a cursor,
// the size of an event.
#pragma once

#include "persistence/store.hpp"

#include <tuple>

namespace pawl::paging {

// A position in the history, which is ordered by time and then by id.
struct position {
  timestamp at = {};
  std::string id;

  friend bool operator<(const position& a, const position& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  }
};

// The cursor for a position: hexadecimal, with a checksum.
std::string to_cursor(const position& at);

// invalid_argument for a text that to_cursor() did not make.
result<position> from_cursor(std::string_view cursor);

// The part of the history that a query looks at: earlier than `before`, if that is set, and not
// earlier than `since`.
struct range {
  std::optional<position> before = {};
  std::optional<timestamp> since = {};
};

// invalid_argument for a limit out of range, or for a cursor that to_cursor() did not make.
result<range> range_of(const history_query& query);

// The same of the audit journal, whose places have a number instead of an id.
result<range> range_of(const audit_query& query);

// Whether the record passes the query's filters, except those of app, cluster and time.
bool selects(const history_query& query, const deployment& d);

// The same, except that of time.
bool selects(const audit_query& query, const audit_record& record);

// The size of an event in a stored batch: that of its texts, and a little.
std::size_t bytes_of(const event& x);

} // namespace pawl::paging
