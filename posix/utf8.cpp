#include "posix/utf8.hpp"

#include "posix/utf8_locale.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <limits>

namespace pawl {

namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Whether a terminal acts on it, or shows what follows in another order.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

// The length of a colour, "\x1b[…m", at the front; 0 if there is none.
std::size_t colour_length(std::string_view text) {
  if (!text.starts_with("\x1b["))
    return 0;
  auto end = text.find('m');
  return end == std::string_view::npos ? 0 : end + 1;
}

// The same, but of nothing else than a colour or another look of the letters: "\x1b[", digits,
// semicolons and colons, and "m".
std::size_t rendition_length(std::string_view text) {
  constexpr std::string_view introducer = "\x1b[";
  if (!text.starts_with(introducer))
    return 0;
  auto end = text.find_first_not_of("0123456789;:", introducer.size());
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

// The front of a text that a number of columns holds.
struct front {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

front fitting(std::string_view text, std::size_t columns) {
  utf8_locale characters;
  front fits;
  while (fits.bytes < text.size()) {
    auto rest = text.substr(fits.bytes);
    if (auto colour = colour_length(rest); colour > 0) {
      fits.bytes += colour;
      continue;
    }
    auto next = first_code_point(rest);
    int taken = next.length == 0 ? 1 : ::wcwidth(static_cast<wchar_t>(next.value));
    auto wide = static_cast<std::size_t>(std::max(taken, 0));
    if (wide > columns - fits.columns)
      break;
    fits.columns += wide;
    fits.bytes += std::max<std::size_t>(next.length, 1);
  }
  return fits;
}

} // namespace

code_point first_code_point(std::string_view text) {
  if (text.empty())
    return {};
  auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80)
    return {lead, 1};
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length)
    return {};
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i]))
      return {};
    value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF)
    return {};
  return {value, length};
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto next = first_code_point(text);
    if (next.length == 0)
      return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    auto next = first_code_point(text);
    valid += next.length == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, next.length);
    text.remove_prefix(next.length == 0 ? 1 : next.length);
  }
  return valid;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes)
    return text;
  while (bytes > 0 && is_continuation(text[bytes]))
    --bytes;
  return text.substr(0, bytes);
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    auto next = first_code_point(text);
    if (next.length == 0)
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    else if (next.value == '\t')
      shown += ' ';
    else if (is_control(next.value) && next.value < 0x100)
      shown += fmt::format("\\x{:02x}", static_cast<unsigned>(next.value));
    else if (is_control(next.value))
      shown += fmt::format("\\u{:04x}", static_cast<unsigned>(next.value));
    else
      shown += text.substr(0, next.length);
    text.remove_prefix(next.length == 0 ? 1 : next.length);
  }
  return shown;
}

std::string printable_output(std::string_view line) {
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  if (auto back = line.rfind('\r'); back != std::string_view::npos)
    line.remove_prefix(back + 1);
  std::string plain;
  for (auto escape = line.find('\x1b'); escape != std::string_view::npos;
       escape = line.find('\x1b')) {
    plain += line.substr(0, escape);
    line.remove_prefix(escape);
    auto taken = rendition_length(line);
    plain += line.substr(0, taken == 0 ? 1 : 0);
    line.remove_prefix(std::max<std::size_t>(taken, 1));
  }
  return printable(plain += line);
}

std::size_t width(std::string_view text) {
  return fitting(text, std::numeric_limits<std::size_t>::max()).columns;
}

std::string fit(std::string_view text, std::size_t columns, std::string_view mark) {
  auto all = fitting(text, columns);
  if (all.bytes == text.size())
    return std::string{text};
  auto mark_columns = width(mark);
  if (mark_columns > columns)
    return std::string{text.substr(0, all.bytes)};
  auto part = text.substr(0, fitting(text, columns - mark_columns).bytes);
  auto painted = part.find('\x1b') != std::string_view::npos;
  return fmt::format("{}{}{}", part, mark, painted ? "\x1b[0m" : "");
}

} // namespace pawl
