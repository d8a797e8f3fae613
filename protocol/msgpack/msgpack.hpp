// msgpack (the format of msgpack.org, without its extension types), written and read.
//
// A reader goes through the bytes once, and checks them as it goes: nothing is made of them that
// stands between them and what they are unpacked into, and no memory is taken but by that.
#pragma once

#include "lifecycle/result.hpp"

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::msgpack {

// Appends msgpack to a buffer of its own: each value in its shortest form.
class writer {
public:
  void nil();
  void boolean(bool value);
  void unsigned_integer(std::uint64_t value);
  void integer(std::int64_t value);
  void string(std::string_view value);
  void binary(std::span<const char> value);
  void array(std::size_t members); // the members follow
  void map(std::size_t pairs);     // each pair's key and value follow

  std::vector<char> take(); // what was written; the writer is empty again
  // Leaves room in front of what is written, for a header that needs its length. First of all.
  void leave_room(std::size_t bytes);
  void expect(std::size_t bytes); // so much will be written, about: memory is taken once

private:
  template <std::size_t Bytes>
  void head(unsigned type, std::uint64_t number);
  void body(std::span<const char> bytes);

  std::vector<char> bytes_;
};

// How much an input may hold: checked before it is read.
struct bounds {
  std::size_t elements = 0;     // of one array or map
  std::size_t depth = 0;        // of arrays and maps in each other; at most depth_max
  std::size_t string_bytes = 0; // of one string or binary
  std::size_t containers = 0;   // arrays and maps in all: of a byte, each may become a record
};

inline constexpr std::size_t depth_max = 32;

// Reads one value, with all that is in it. Each function reads what is next if it is of that type,
// and stands behind it then; otherwise it gives nothing, and stays. Nothing that it gives is
// copied: the input must outlive it. A copy of a reader is another place in the same input.
//
// Bytes that are not msgpack, or are over a bound, give nothing from then on; problem() says why.
class reader {
public:
  reader(std::span<const char> input, const bounds& allowed)
      : next_(input.data()), end_(input.data() + input.size()), allowed_(allowed) {}

  bool nil(); // whether it was one
  std::optional<bool> boolean();
  std::optional<std::uint64_t> unsigned_integer();
  std::optional<std::int64_t> integer();
  std::optional<std::string_view> string();
  std::optional<std::span<const char>> binary();

  // Enters an array or map: so many members, or pairs of key and value, are next. A caller that has
  // read them leaves it.
  std::optional<std::size_t> array();
  std::optional<std::size_t> map();
  void leave() { --depth_; }

  // Whether the key that is next is this one, in its shortest form: a name that is known while this
  // is compiled costs a comparison, and the place of the next value does not wait for its length.
  [[gnu::always_inline]] bool key_is(std::string_view name) {
    if (name.size() >= static_cast<std::size_t>(end_ - next_) || name.size() > small_string_bytes ||
        static_cast<unsigned char>(*next_) != (small_string | name.size()) ||
        std::memcmp(next_ + 1, name.data(), name.size()) != 0)
      return false;
    next_ += 1 + name.size();
    return true;
  }
  // Any key; empty for one that is no string, and is left out.
  std::string_view key();

  bool skip(); // steps over one value with all that is in it; false: it is no value
  std::optional<std::span<const char>> raw(); // the same, and gives its bytes

  // Nothing if all is well so far; else invalid_argument, or too_large for too many containers.
  std::optional<error> problem() const;
  // Nothing if the one value was read, and nothing follows it.
  std::optional<error> problem_at_end() const;

private:
  enum class state : std::uint8_t { good, cut_short, meaningless, too_much, too_many_containers };

  struct head;
  // Describes what is next, with its length; steps over nothing. Nothing if it is not whole, or no
  // value.
  bool look(head& found);
  bool fail(state why);
  std::optional<std::size_t> enter(const head& container);
  std::optional<std::string_view> bytes_of(const head& text);

  static constexpr std::size_t small_string_bytes = 31;
  static constexpr unsigned small_string = 0xa0; // its length is in the lower five bits

  const char* next_;
  const char* end_;
  bounds allowed_;
  std::size_t depth_ = 0; // of containers that it is in
  state state_ = state::good;
};

} // namespace pawl::msgpack
