#include "actors/session/listing.hpp"
#include "persistence/paging.hpp"
#include "test/fuzz/properties.hpp"

namespace pawl::test {

namespace {

// A text that is taken is one that was given out: no other text stands for the same place.
void demand_canonical(const std::string& text) {
  if (auto place = paging::from_cursor(text))
    demand(paging::to_cursor(*place) == text, "only one text is the cursor of a place");
  protocol::status_request request;
  request.cursor = text;
  auto place = listing::place_of(request);
  if (place && *place)
    demand(listing::cursor_after(**place) == text, "only one text is the cursor of a lane");
}

} // namespace

// The bytes are a cursor, and the position of which one is made.
void fuzz_cursors(fuzz_input in) {
  constexpr std::size_t longest_id = 64;
  const std::string text{text_of(in)};
  demand_canonical(text);
  std::uint64_t time = 0;
  for (int i = 0; i < 8; ++i)
    time = time << 8U | take_byte(in);
  if (in.empty() || in.size() > longest_id)
    return;
  const paging::position made{timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(time)}},
                              std::string{text_of(in)}};
  auto read = paging::from_cursor(paging::to_cursor(made));
  demand(read && read->at == made.at && read->id == made.id, "a cursor that is given out is taken");
  history_query query;
  query.cursor = paging::to_cursor(made);
  demand(paging::range_of(query).has_value(), "a query goes on from a cursor");
}

} // namespace pawl::test
