// Texts that people write with any editor.
#pragma once

#include <string_view>

namespace pawl {

// The text without the byte order mark that some editors put in front of UTF-8.
constexpr std::string_view without_mark(std::string_view text) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

// Whether the text begins with the byte order mark of UTF-16.
constexpr bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

} // namespace pawl
