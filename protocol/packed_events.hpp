// Events of one journal as bytes: the msgpack of each, one after the other. So they are stored, and
// so a frame of `events` carries them: between the two nobody unpacks or packs them again.
#pragma once

#include "lifecycle/event.hpp"
#include "lifecycle/result.hpp"

#include <span>
#include <vector>

namespace pawl::protocol {

class packed_events {
public:
  packed_events() = default;

  // Numbered already, and without a gap.
  explicit packed_events(std::span<const event> list);

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  std::uint64_t next() const noexcept { return next_; } // after the last; only if there is one
  const std::vector<char>& bytes() const noexcept { return bytes_; }

  // The event with this number, as pack_event() wrote it.
  void append(std::uint64_t seq, std::span<const char> packed);
  void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

  // The first of them; all, if they are not more.
  packed_events first(std::size_t count) const;

  // data_corruption if the bytes are no events.
  result<std::vector<event>> unpacked() const;

  friend bool operator==(const packed_events&, const packed_events&) = default;

private:
  std::uint64_t next_ = 1;
  std::size_t count_ = 0;
  std::vector<char> bytes_;
};

// One event as it stands among packed ones.
std::vector<char> pack_event(const event& x);

} // namespace pawl::protocol
