#include "client/utf8.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Whether a terminal acts on it, or shows what follows in another order.
bool is_control(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
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

std::size_t width(std::string_view text) {
  std::size_t columns = 0;
  for (char c : text)
    columns += is_continuation(c) ? 0U : 1U;
  return columns;
}

} // namespace pawl::client
