#include "test/fuzz/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::test {

namespace {

// The length of the character of UTF-8 at the front, and its number; 0 for none. Written apart from
// posix/utf8.hpp, which it judges.
struct character {
  std::size_t bytes = 0;
  std::uint32_t number = 0;
};

character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) -> std::uint32_t {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto lead = byte(0);
  if (lead < 0x80)
    return {1, lead};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc0 || lead >= 0xf8)
    return {};
  std::uint32_t number = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80)
      return {};
    number = number << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = number >= 0xd800 && number < 0xe000;
  if (number < least[bytes] || surrogate || number > 0x10ffff)
    return {};
  return {bytes, number};
}

bool acts_on_a_terminal(std::uint32_t c) {
  const auto within = [c](std::uint32_t first, std::uint32_t last) {
    return c >= first && c <= last;
  };
  return (c < 0x20 && c != '\n') || within(0x7f, 0x9f) || c == 0x061c || within(0x200e, 0x200f) ||
         within(0x2028, 0x202e) || within(0x2066, 0x2069) || c == 0xfeff;
}

} // namespace

void demand(bool holds, std::string_view property) {
  if (!holds)
    throw broken_property{std::string{property}};
}

void demand_harmless(std::string_view text) {
  for (auto rest = text; !rest.empty();) {
    const auto next = first_character(rest);
    const auto at = text.size() - rest.size();
    demand(next.bytes > 0,
           fmt::format("byte {} of {} for a terminal is no UTF-8", at, text.size()));
    demand(!acts_on_a_terminal(next.number),
           fmt::format("a terminal acts on character {:#x} at byte {}", next.number, at));
    rest.remove_prefix(next.bytes);
  }
}

void demand_refusal(const error& refusal, std::size_t input_bytes) {
  constexpr std::size_t sentence = 1024;      // of ours, with names of ours
  constexpr std::size_t for_each_byte = 1024; // a line of two bytes may be a problem to tell
  demand(!refusal.message.empty(), "a refusal says why");
  demand(refusal.message.size() <= sentence + for_each_byte * input_bytes,
         "a refusal does not outgrow what it is about");
}

std::uint8_t take_byte(fuzz_input& in) {
  if (in.empty())
    return 0;
  const auto first = in.front();
  in = in.subspan(1);
  return first;
}

std::string_view take_text(fuzz_input& in, char mark) {
  const auto all = text_of(in);
  const auto taken = all.substr(0, all.find(mark));
  in = in.subspan(std::min(taken.size() + 1, in.size()));
  return taken;
}

} // namespace pawl::test
