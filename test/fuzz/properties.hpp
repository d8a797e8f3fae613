// What the targets demand of the readers, in words of their own: nothing here is made of the
// functions that it judges.
#pragma once

#include "lifecycle/result.hpp"
#include "test/fuzz/targets.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

namespace pawl::test {

// What an input showed not to hold.
class broken_property : public std::logic_error {
public:
  using std::logic_error::logic_error;
};

// Throws broken_property unless it holds.
void demand(bool holds, std::string_view property);

// The text may be written to a terminal: UTF-8 without control characters (C0, DEL, C1), without
// those that turn the order of what follows, and without byte order marks. Line feeds may be in it.
void demand_harmless(std::string_view text);

// An error that a reader of so many bytes may give: it has a message, which does not outgrow them.
void demand_refusal(const error& refusal, std::size_t input_bytes);

// The input as text. It must outlive that.
inline std::string_view text_of(fuzz_input in) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are characters
  return {reinterpret_cast<const char*>(in.data()), in.size()};
}

// Takes the first byte off the input; 0 if there is none.
std::uint8_t take_byte(fuzz_input& in);

// Takes the text up to the mark off the input, and the mark; all of it if there is no mark.
std::string_view take_text(fuzz_input& in, char mark);

} // namespace pawl::test
