// The power fails at any moment: what was written since the last flush is there or not, in any
// order, or torn between sectors. From every such image the store opens, and has each commit that
// was answered, and nothing of one by halves.
#include "persistence/lmdb/lmdb_store.hpp"
#include "test/persistence/samples.hpp"
#include "test/persistence/write_recorder.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <random>

using namespace pawl;
using namespace pawl::test;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t sector = 512;

// All that a store says of some deployments.
struct snapshot {
  std::vector<deployment> records;
  std::vector<std::vector<event>> journals;

  friend bool operator==(const snapshot&, const snapshot&) = default;
};

snapshot look(const store& in, const std::vector<std::string>& ids) {
  snapshot seen;
  for (const auto& id : ids) {
    auto found = in.find(id);
    if (!found)
      continue;
    seen.records.push_back(*found);
    auto page = in.journal(id, 1, limits::journal_page_bytes);
    seen.journals.push_back(page ? events_of(*page) : std::vector<event>{});
  }
  return seen;
}

std::string read(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void put(std::string& image, std::uint64_t offset, std::string_view bytes) {
  if (image.size() < offset + bytes.size())
    image.resize(offset + bytes.size(), '\0');
  image.replace(offset, bytes.size(), bytes);
}

// A store with some life in it, its disk's history, and what was answered at which point of it.
struct recorded_life {
  temporary_directory home;
  std::vector<std::string> ids;
  std::string before; // the file when the recording began
  std::vector<disk_event> disk;
  std::vector<std::pair<std::size_t, snapshot>> answered; // by the number of events until then

  recorded_life() {
    auto directory = home.path() / "store";
    auto store = lmdb_store::open(directory);
    BOOST_REQUIRE(store.has_value());
    before = read(directory / "data.mdb");
    write_recorder recorder{directory / "data.mdb"};
    auto note = [&] { answered.emplace_back(recorder.events().size(), look(**store, ids)); };
    note();
    for (int i = 0; i < 3; ++i) {
      ids.push_back("d" + std::to_string(i));
      auto d = keep(**store, sample(ids.back(), i, {i == 1 ? "blog" : "shop", "local"}));
      note();
      change lines;
      lines.journal.push_back({d.id, {}});
      for (int line = 0; line < 200 * i; ++line)
        lines.journal.back().events.push_back(log_line(std::string(100, 'x'), line));
      BOOST_REQUIRE(commit_one(**store, lines).has_value());
      note();
      d = move(**store, d, state::building, i);
      note();
      d = move(**store, d, i == 2 ? state::pushing : state::failed, i);
      note();
    }
    disk = recorder.events();
  }
};

// The file as it may be after the first `events` of them: with all that was flushed, and any part
// of the rest, also of the next one, which had begun.
std::string image_after(const recorded_life& life, std::size_t events, std::mt19937& random,
                        bool keep_nothing) {
  auto image = life.before;
  std::size_t flushed = 0;
  for (std::size_t i = 0; i < events; ++i)
    if (life.disk[i].flush)
      flushed = i;
  for (std::size_t i = 0; i <= events && i < life.disk.size(); ++i) {
    const auto& one = life.disk[i];
    bool durable = i < flushed || (one.by_itself && i < events);
    if (one.flush || (!durable && keep_nothing))
      continue;
    std::string_view bytes = one.bytes;
    for (std::size_t at = 0; at < bytes.size();) {
      auto end = std::min<std::size_t>(bytes.size(),
                                       (one.offset + at) / sector * sector + sector - one.offset);
      if (durable || random() % 2 == 0)
        put(image, one.offset + at, bytes.substr(at, end - at));
      at = end;
    }
  }
  return image;
}

void check_image(const recorded_life& life, std::size_t events, const std::string& image) {
  temporary_directory home;
  auto directory = home.path() / "store";
  fs::create_directory(directory);
  std::ofstream{directory / "data.mdb", std::ios::binary} << image;
  auto store = lmdb_store::open(directory);
  BOOST_TEST_REQUIRE(store.has_value(),
                     "event " << events << ": " << (store ? "" : store.error().message));
  std::size_t last = 0;
  while (last + 1 < life.answered.size() && life.answered[last + 1].first <= events)
    ++last;
  auto seen = look(**store, life.ids);
  bool next = last + 1 < life.answered.size() && seen == life.answered[last + 1].second;
  BOOST_TEST((next || seen == life.answered[last].second),
             "after event " << events << " of " << life.disk.size()
                            << " the store is not what was answered");
}

} // namespace

BOOST_AUTO_TEST_SUITE(power_loss_test)

// Fault: F4; hits: machine; at: any; holds: I1 I3.
BOOST_AUTO_TEST_CASE(whatever_the_disk_kept_all_that_was_answered_is_there) {
  recorded_life life;
  BOOST_TEST(life.disk.size() > 3 * life.answered.size());
  std::mt19937 random{1};
  for (std::size_t events = 0; events <= life.disk.size(); ++events) {
    check_image(life, events, image_after(life, events, random, true));
    for (int i = 0; i < 3; ++i)
      check_image(life, events, image_after(life, events, random, false));
  }
}

// The images lose what a disk loses: without the flushes, commits are gone.
BOOST_AUTO_TEST_CASE(a_store_that_did_not_flush_would_be_found_out) {
  recorded_life life;
  std::erase_if(life.disk, [](const disk_event& one) { return one.flush; });
  for (auto& one : life.disk)
    one.by_itself = false;
  std::mt19937 random{1};
  auto image = image_after(life, life.disk.size(), random, true);
  BOOST_TEST(image == life.before);
  BOOST_TEST(!life.answered.back().second.records.empty());
}

BOOST_AUTO_TEST_SUITE_END()
