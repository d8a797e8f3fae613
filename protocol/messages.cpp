#include "protocol/messages.hpp"

#include "protocol/checks.hpp"
#include "protocol/msgpack/codec.hpp"
#include "protocol/text_size.hpp"

#include <fmt/format.h>

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

result<void> check_fits_answers(const deployment& d) {
  const auto details = d.error ? d.error->details.size() : 0;
  auto fits = checks::first_error(
      checks::record(d), checks::at_most("its error", details, limits::record_members, "details"),
      checks::at_most("its text", text_bytes(d), limits::record_text_bytes));
  if (fits)
    return fits;
  return error{
      errc::too_large,
      fmt::format("deployment {} is too large to be shown: {}", d.id, fits.error().message),
      {{"deployment", d.id}}};
}

bool fits_a_frame(const message& body) {
  return encode({0, body}).has_value();
}

} // namespace pawl::protocol
