#include "protocol/messages.hpp"

#include "protocol/msgpack/codec.hpp"

#include <algorithm>

namespace pawl::protocol {

namespace {

constexpr bool all_names_differ() {
  auto sorted = kinds;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

static_assert(all_names_differ(), "two messages have the same name on the wire");

} // namespace

result<void> check(const message& body) {
  return std::visit(
      []<class Message>(const Message& m) {
        // Its own: a message without one would become a variant, and come here again.
        result<void> (*const own)(const Message&) = check;
        return own(m);
      },
      body);
}

bool fits_a_frame(const message& body) {
  return encode({0, body}).has_value();
}

} // namespace pawl::protocol
