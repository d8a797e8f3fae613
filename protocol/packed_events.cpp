#include "protocol/packed_events.hpp"

#include "lifecycle/limits.hpp"
#include "protocol/msgpack/unpacking.hpp"

namespace pawl::protocol {

namespace {

msgpack::reader reader_of(const std::vector<char>& bytes) {
  return {bytes,
          {.elements = bytes.size(),
           .depth = limits::frame_depth,
           .string_bytes = bytes.size(),
           .containers = bytes.size()}};
}

} // namespace

std::vector<char> pack_event(const event& x) {
  msgpack::writer out;
  msgpack::pack(out, x);
  return out.take();
}

packed_events::packed_events(std::span<const event> list) {
  for (const auto& one : list)
    append(one.seq, pack_event(one));
}

void packed_events::append(std::uint64_t seq, std::span<const char> packed) {
  bytes_.insert(bytes_.end(), packed.begin(), packed.end());
  next_ = seq + 1;
  ++count_;
}

packed_events packed_events::first(std::size_t count) const {
  if (count >= count_)
    return *this;
  auto in = reader_of(bytes_);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i)
    bytes += in.raw().value_or(std::span<const char>{}).size();
  packed_events some;
  some.bytes_.assign(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(bytes));
  some.count_ = count;
  some.next_ = next_ - (count_ - count);
  return some;
}

result<std::vector<event>> packed_events::unpacked() const {
  std::vector<event> list(count_);
  auto in = reader_of(bytes_);
  for (auto& one : list)
    if (!msgpack::unpack(in, one))
      return error{errc::data_corruption, "what should be an event of a journal is none", {}};
  return list;
}

} // namespace pawl::protocol
