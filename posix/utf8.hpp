// Makes text from any source valid for JSON, for messages and for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pawl {

// The code point at the front of `text`, and its length in bytes. `length` is 0 when the bytes are
// not UTF-8 (overlong forms and surrogates are not).
struct code_point {
  char32_t value = 0;
  std::size_t length = 0;
};
code_point first_code_point(std::string_view text);

bool is_utf8(std::string_view text);

// The text with U+FFFD for each byte that belongs to no character.
std::string valid_utf8(std::string_view text);

// At most `bytes` of valid UTF-8, never half of a character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes);

// The text as it may be written to a terminal: control characters (C0, DEL, C1, bidirectional
// overrides) as \x1b and \u202e, invalid bytes as \xff; a tab becomes a space. Line feeds are
// escaped too: callers print lines.
std::string printable(std::string_view text);

// The same of a line that a program printed, as a terminal would leave it: without colours
// (\x1b[…m), and without what a carriage return lets the rest of the line write over.
std::string printable_output(std::string_view line);

// Columns of a terminal that a printable text takes: two for the wide characters of East Asia and
// for emoji, none for combining ones and for our own colours.
std::size_t width(std::string_view text);

// The text if it fits that many columns, else its beginning and `mark` ("…"), together no wider.
std::string fit(std::string_view text, std::size_t columns, std::string_view mark);

} // namespace pawl
