#include "persistence/lmdb/journal_reading.hpp"

#include "persistence/lmdb/record_reading.hpp"
#include "persistence/lmdb/stored.hpp"

namespace pawl {

namespace {

using schema::database;

// Fills a page from the batches of one journal.
class page_reader {
public:
  page_reader(const lmdb::transaction& in, std::string_view id, std::size_t max_bytes)
      : in_(in), id_(id), prefix_(schema::journal_prefix(id)), max_bytes_(max_bytes) {}

  // The events `from` to `last`, as far as the page goes.
  result<protocol::packed_events> read(std::uint64_t from, std::uint64_t last) {
    auto walk = in_.walk(database::journals);
    if (!walk)
      return std::move(walk).error();
    next_ = from;
    // The batch that holds the event is the last that begins at it or earlier.
    auto at = walk->before(schema::journal_key(id_, from + 1));
    for (; next_ <= last && !full_; at = walk->next()) {
      if (!at)
        return std::move(at).error();
      if (!*at || !(*at)->key.starts_with(prefix_))
        return gap();
      if (auto good = take(**at); !good)
        return std::move(good).error();
    }
    return std::move(events_);
  }

private:
  result<void> take(const lmdb::entry& stored) {
    const auto wanted = next_;
    bool gapless = true;
    auto read = records::each_event(stored.key, stored.value, [&](auto seq, auto packed) {
      if (seq < next_)
        return true;
      gapless = seq == next_;
      return gapless && add(packed);
    });
    if (!read)
      return read;
    if (!gapless || (next_ == wanted && !full_))
      return gap();
    return {};
  }

  // False: the page is full.
  bool add(std::span<const char> packed) {
    full_ = !events_.empty() && (events_.bytes().size() + packed.size() > max_bytes_ ||
                                 events_.size() >= limits::journal_page_events);
    if (!full_)
      events_.append(next_++, packed);
    return !full_;
  }

  error gap() const {
    return records::corrupt(database::journals, schema::journal_key(id_, next_),
                            "the journal has a gap here");
  }

  const lmdb::transaction& in_;
  std::string_view id_;
  std::string prefix_;
  std::size_t max_bytes_;
  std::uint64_t next_ = 1; // number of the event that must come now
  bool full_ = false;
  protocol::packed_events events_;
};

} // namespace

result<journal_page> read_journal(const lmdb::transaction& in, std::string_view id,
                                  std::uint64_t from, std::size_t max_bytes) {
  auto owner = load_of<records::deployment_head>(in, database::deployments, id);
  if (!owner)
    return std::move(owner).error();
  if (!*owner)
    return no_deployment(id);
  auto head = load_of<records::journal_head>(in, database::journal_heads, id);
  if (!head)
    return std::move(head).error();
  auto last = *head ? (*head)->last : 0;
  from = std::max<std::uint64_t>(from, 1);
  journal_page page;
  if (from <= last) {
    auto events = page_reader{in, id, max_bytes}.read(from, last);
    if (!events)
      return std::move(events).error();
    page.events = *std::move(events);
  }
  page.complete = page.events.empty() || page.events.next() == last + 1;
  page.settled = page.complete && is_settled((*owner)->state);
  return page;
}

} // namespace pawl
