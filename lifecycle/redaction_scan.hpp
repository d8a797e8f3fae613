// Finds secrets in a stream of text, in one pass, and puts [NAME] in their place. It takes no
// memory and needs nothing but the C library: the log writer of each instance includes it.
//
// A table (redaction.hpp makes it) is one piece of bytes, in the machine's own order:
//
//   header   u32 mark, count, longest, 0
//   filter   a bit for each value of hash() of the first eight bytes of a pattern
//   entries  u32 offset and size of a pattern, offset and size of its name; ordered by the patterns
//   texts
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pawl {

namespace redaction {

inline constexpr std::uint32_t mark = 0x70617731;
inline constexpr std::size_t least = 8; // bytes of a pattern
inline constexpr std::size_t filter_bytes = 8192;

struct header {
  std::uint32_t mark = 0;
  std::uint32_t count = 0;
  std::uint32_t longest = 0;
  std::uint32_t unused = 0;
};

struct entry {
  std::uint32_t text = 0;
  std::uint32_t text_size = 0;
  std::uint32_t name = 0;
  std::uint32_t name_size = 0;
};

inline constexpr std::size_t entries_begin = sizeof(header) + filter_bytes;

// The place in the filter of a text that begins with these eight bytes.
inline std::uint32_t hash(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return static_cast<std::uint32_t>((word * 0x9E3779B97F4A7C15U) >> 48U);
}

} // namespace redaction

class redaction_scan {
public:
  // The bytes outlive this. Without bytes, or with such as are no table, nothing is found.
  explicit redaction_scan(std::string_view table) {
    redaction::header head;
    if (table.size() < redaction::entries_begin)
      return;
    std::memcpy(&head, table.data(), sizeof head);
    if (head.mark != redaction::mark ||
        head.count > (table.size() - redaction::entries_begin) / sizeof(redaction::entry))
      return;
    table_ = table;
    count_ = head.count;
    longest_ = head.longest;
  }

  bool is_empty() const { return count_ == 0; }
  std::size_t longest() const { return longest_; } // bytes of a pattern: more are never held back

  // Gives out(piece) the text, redacted, in pieces. Returns how many bytes at its end it holds
  // back, because a secret may begin there: the next text has to begin with them. None if no more
  // text comes.
  template <class Out>
  std::size_t pass(std::string_view text, bool no_more, Out&& out) {
    if (count_ == 0 && !text.empty())
      out(text);
    if (count_ == 0)
      return 0;
    std::size_t plain = 0; // where the text begins that was not given out yet
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
      const auto found = look(text.substr(at), no_more);
      if (found.may_go_on)
        break;
      if (found.size > 0)
        cover(found, text.substr(plain, at - plain), out);
      if (covered_ > 0) {
        --covered_;
        plain = at + 1;
        touches_ = covered_ == 0;
      } else {
        touches_ = false;
      }
    }
    if (at > plain)
      out(text.substr(plain, at - plain));
    return text.size() - at;
  }

private:
  struct finding {
    std::size_t size = 0;
    std::string_view name = {};
    bool may_go_on = false; // the text ends before it is known
  };

  // A secret that overlaps or touches the one before of the same name is not told again.
  template <class Out>
  void cover(const finding& found, std::string_view before, Out&& out) {
    if (covered_ == 0 && !(touches_ && found.name == name_)) {
      if (!before.empty())
        out(before);
      out(std::string_view{"["});
      out(found.name);
      out(std::string_view{"]"});
      name_ = found.name;
    }
    if (found.size > covered_)
      covered_ = found.size;
  }

  redaction::entry entry_at(std::size_t i) const {
    redaction::entry one;
    std::memcpy(&one, table_.data() + redaction::entries_begin + i * sizeof one, sizeof one);
    return one;
  }
  std::string_view text_of(const redaction::entry& one) const {
    return table_.substr(one.text, one.text_size);
  }

  // The first pattern that is not before the text, as far as that goes.
  std::size_t first_from(std::string_view text) const {
    std::size_t low = 0;
    std::size_t high = count_;
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      if (text_of(entry_at(middle)).substr(0, text.size()) < text)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  bool passes_filter(const char* bytes) const {
    const auto bit = redaction::hash(bytes);
    const auto byte = static_cast<unsigned char>(table_[sizeof(redaction::header) + bit / 8]);
    return (byte & (1U << (bit % 8))) != 0;
  }

  // The longest secret that the text begins with.
  finding look(std::string_view text, bool no_more) const {
    finding found;
    if (count_ == 0)
      return found;
    if (text.size() < redaction::least) {
      const auto first = no_more ? count_ : first_from(text);
      found.may_go_on = first < count_ && text_of(entry_at(first)).starts_with(text);
      return found;
    }
    if (!passes_filter(text.data()))
      return found;
    const auto beginning = text.substr(0, redaction::least);
    for (auto i = first_from(beginning); i < count_; ++i) {
      const auto one = entry_at(i);
      const auto pattern = text_of(one);
      if (!pattern.starts_with(beginning))
        break;
      if (text.starts_with(pattern) && pattern.size() > found.size)
        found = {pattern.size(), table_.substr(one.name, one.name_size)};
      else if (!no_more && pattern.size() > text.size() && pattern.starts_with(text))
        return {0, {}, true};
    }
    return found;
  }

  std::string_view table_;
  std::size_t count_ = 0;
  std::size_t longest_ = 0;
  std::size_t covered_ = 0;    // bytes of the next text that belong to a secret that was told
  bool touches_ = false;       // a secret ended just before
  std::string_view name_ = {}; // of the secret that was told last
};

} // namespace pawl
