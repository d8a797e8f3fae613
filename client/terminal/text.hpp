// Text for a terminal: colours, columns, tables, line breaks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pawl::client {

// The abilities of the output. Text from builds, apps and users has to pass printable() before it
// gets here.
struct look {
  bool colours = false;    // a terminal, and NO_COLOR is not set
  bool live = false;       // a terminal whose last lines may be written again
  bool unicode = true;     // else marks and bars are ASCII
  std::size_t columns = 0; // of a terminal; 0: no terminal, and nothing is cut

  std::string good(std::string_view text) const { return paint(text, "32"); }
  std::string bad(std::string_view text) const { return paint(text, "31"); }
  std::string warned(std::string_view text) const { return paint(text, "33"); }
  std::string strong(std::string_view text) const { return paint(text, "1"); }
  std::string faint(std::string_view text) const { return paint(text, "2"); }

  std::string_view done_mark() const { return unicode ? "✓" : "+"; }
  std::string_view failed_mark() const { return unicode ? "✗" : "x"; }
  std::string_view ellipsis() const { return unicode ? "…" : "..."; }

private:
  std::string paint(std::string_view text, std::string_view code) const;
};

// Whether the locale that these variables name has characters beyond ASCII. Nothing set is no
// choice of anybody's, as in containers, and means yes.
bool speaks_utf8(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang);

struct column {
  std::string head;
  unsigned goes = 0;     // which one is left out first where there is no room: 1, 2, …; 0: never
  std::size_t least = 0; // may be cut to so many columns before any goes; 0: never cut
};
using table_rows = std::vector<std::vector<std::string>>; // a cell for each column

// Rows under their head, in columns as wide as their widest cell, two spaces apart. On a terminal
// no line is wider than it. Lines end in a line feed; there are no spaces at their ends.
std::string table(const std::vector<column>& columns, const table_rows& rows, const look& how);

// Each line of a text, cut to the width of the terminal if there is one.
std::string fit_lines(std::string_view text, const look& how);

// Prose: each line of the text after the indent; on a terminal, long lines are broken between
// words. Control characters in it are made visible.
std::string prose(std::string_view text, std::string_view indent, const look& how);

// "12 B", "3.4 KiB", "1.2 GiB".
std::string human_bytes(std::uint64_t bytes);

} // namespace pawl::client
