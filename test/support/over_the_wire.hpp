// A message as its receiver gets it, once it has gone through a frame: packed, unpacked, checked.
#pragma once

#include "actors/session.hpp"
#include "protocol/msgpack/codec.hpp"

namespace pawl::test {

inline result<protocol::envelope> over_the_wire(const std::vector<char>& frame) {
  constexpr std::size_t header_bytes = 4;
  return protocol::decode(std::span{frame}.subspan(header_bytes));
}

inline result<protocol::envelope> over_the_wire(const protocol::envelope& sent) {
  auto frame = protocol::encode(sent);
  if (!frame)
    return std::move(frame).error();
  return over_the_wire(*frame);
}

inline result<protocol::envelope> over_the_wire(const server_events& sent) {
  auto frame = protocol::begin_events_frame(sent.ref, *sent.deployment, *sent.list);
  if (!frame)
    return std::move(frame).error();
  const auto& rest = sent.list->bytes();
  frame->insert(frame->end(), rest.begin(), rest.end());
  return over_the_wire(*frame);
}

} // namespace pawl::test
