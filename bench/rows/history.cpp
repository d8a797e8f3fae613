// A page of 50 records of one app, in the store itself, while deployments are written: among ten
// thousand, among a million; with each filter; beside SQLite in process with the same index, and
// beside loading everything, filtering it and sorting it.
#include "bench/harness/pairs.hpp"
#include "bench/harness/peer_store.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/load/histogram.hpp"
#include "bench/rows/rows.hpp"
#include "bench/server/seed.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

namespace pawl::bench::history_row {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t page_size = 50;
constexpr std::size_t lanes_with_a_page = 20;
constexpr std::size_t lanes_with_a_page_by_author = 8;
constexpr std::size_t records_by_author = 3; // of which the author made one
constexpr std::array filters{"newest", "by state", "by author", "by time", "of all apps"};

std::chrono::milliseconds time_of_a_run(const workplace& place) {
  return std::chrono::milliseconds{place.quick ? 100 : 300};
}

std::string case_of(std::size_t records, const std::string& filter) {
  return fmt::format("{} of {} records", filter, records);
}

// The largest lanes, in which the filter finds a whole page in every store: where a lane ends
// before the page is full, less is looked at.
std::size_t lanes_of(const std::string& filter) {
  return filter == "by author" ? lanes_with_a_page_by_author : lanes_with_a_page;
}

history_query query_for(const std::string& filter, std::size_t number) {
  history_query query;
  query.limit = page_size;
  if (filter != "of all apps") {
    const auto lane = seeded_lane(number % lanes_of(filter));
    query.app = lane.app;
    query.cluster = lane.cluster;
  }
  if (filter == "by state")
    query.state = state::failed;
  if (filter == "by author")
    query.by = "ada";
  if (filter == "by time")
    query.until = timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}} +
                  std::chrono::milliseconds{9000};
  return query;
}

// Microseconds of a page, the median.
double page_us(const lmdb_store& records, const std::string& filter, const workplace& place) {
  histogram times;
  const auto end = clock::now() + time_of_a_run(place);
  for (std::size_t number = 1; clock::now() < end; ++number) {
    const auto begin = clock::now();
    const auto page = expect(records.history(query_for(filter, number)));
    times.add(static_cast<std::uint64_t>((clock::now() - begin).count()));
    if (page.deployments.size() != page_size)
      throw std::runtime_error("a page is not full: " + filter);
  }
  return static_cast<double>(times.at(0.5)) / 1e3;
}

// A hundred deployments a second, as long as it lives.
class writing {
public:
  writing(lmdb_store& into, std::size_t from)
      : thread_([&into, from](const std::stop_token& stop) {
          constexpr auto pause = std::chrono::milliseconds{10};
          for (auto n = from; !stop.stop_requested(); ++n) {
            const auto wanted = history_change(n);
            static_cast<void>(into.commit(std::span{&wanted, 1}));
            std::this_thread::sleep_for(pause);
          }
        }) {}

private:
  std::jthread thread_;
};

struct history_set {
  std::size_t records = 0;
  std::unique_ptr<lmdb_store> store;
  std::unique_ptr<running_peer> peer; // none, if SQLite is not there
};

history_set make_set(const workplace& place, std::size_t records, bool with_peer) {
  history_set set{records, expect(lmdb_store::open(place.fresh("history") / "store")), {}};
  place.say(fmt::format("  filling a store with {} records …", records));
  seed_history(*set.store, records);
  if (with_peer)
    set.peer = sqlite().start(place);
  return set;
}

// The same without an index: loads all records, keeps those of the app, and sorts them.
double load_all_us(const lmdb_store& records) {
  const auto begin = clock::now();
  history_query all;
  all.limit = limits::history_page_max;
  std::vector<deployment> kept;
  do {
    auto page = expect(records.history(all));
    for (auto& d : page.deployments)
      if (d.app == seeded_lane(1).app)
        kept.push_back(std::move(d));
    all.cursor = page.next_cursor;
  } while (all.cursor);
  std::sort(kept.begin(), kept.end(),
            [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
  return std::chrono::duration<double, std::micro>(clock::now() - begin).count();
}

figures measure_sets(const workplace& place, std::vector<history_set>& sets) {
  figures found;
  for (auto& set : sets) {
    const writing meanwhile{*set.store, 2 * set.records};
    for (const auto* filter : filters)
      found[case_of(set.records, filter)] = page_us(*set.store, filter, place);
  }
  return found;
}

figures measure_sqlite(const workplace& place, std::vector<history_set>& sets) {
  figures found;
  for (auto& set : sets)
    found[case_of(set.records, filters.front())] =
        drive_again(place, *set.peer, "page", 1, time_of_a_run(place)).p50_us;
  return found;
}

void promise(case_report& report, const pairs_outcome& outcome, const history_set& set,
             std::size_t fewest, const std::string& filter) {
  const auto& smallest = outcome.samples.at(our_name).at(case_of(fewest, filter));
  if (set.records != fewest) {
    const auto growth = *report.ours / spread_of(smallest).median;
    report.counts[fmt::format("times that of {}", fewest)] = growth;
    report.promised.push_back(
        at_most(1.5, fmt::format("times that of {}", fewest), growth, measure::time));
  }
  if (const auto ratio = report.ratios.find("SQLite"); ratio != report.ratios.end())
    report.promised.push_back(at_most(1.5, "times SQLite", ratio->second.median, measure::time));
}

void compare_with_loading(case_report& report, const history_set& set) {
  constexpr std::size_t million = 1'000'000;
  const auto loading = load_all_us(*set.store);
  report.peers["loading all"] = loading;
  report.ratios["loading all"] = {*report.ours / loading, *report.ours / loading,
                                  *report.ours / loading};
  if (set.records == million)
    report.promised.push_back(
        at_least(1000, "times as fast as loading all", loading / *report.ours, measure::time));
}

// Steps of cursors and records looked up, the mean of the lanes: they do not depend on the machine.
double reads_of_a_page(const lmdb_store& records, const std::string& filter) {
  const auto before = records.counters().reads;
  for (std::size_t number = 0; number < lanes_of(filter); ++number)
    expect(records.history(query_for(filter, number)));
  return static_cast<double>(records.counters().reads - before) /
         static_cast<double>(lanes_of(filter));
}

// A step of the index and a look-up for each record that is looked at, and some to get there.
std::size_t most_reads_of_a_page(const std::string& filter) {
  const auto looked_at = filter == "by author" ? records_by_author * page_size : page_size;
  return 2 * looked_at + 10;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  std::vector<std::string> notes;
  const bool with_peer = !present({&sqlite()}, place, notes).empty();
  std::vector<std::size_t> sizes{10'000,
                                 place.quick ? std::size_t{50'000} : std::size_t{1'000'000}};
  if (place.large)
    sizes.push_back(10'000'000);
  std::vector<history_set> sets;
  for (const auto size : sizes)
    sets.push_back(make_set(place, size, with_peer));
  std::vector<contestant> all{{our_name, [&] { return measure_sets(place, sets); }}};
  if (with_peer) {
    for (const auto& set : sets)
      prepare_peer(place, *set.peer, "page", 1, set.records);
    all.push_back({"SQLite", [&] { return measure_sqlite(place, sets); }});
  }
  const auto outcome = run_pairs(all, place.budget() / 4);
  std::vector<case_report> cases;
  for (const auto& set : sets)
    for (const auto* filter : filters) {
      auto [report, unsteady] = compare(outcome, "history", case_of(set.records, filter), "us");
      report.notes = notes;
      report.counts["reads/page"] = reads_of_a_page(*set.store, filter);
      promise(report, outcome, set, sizes.front(), filter);
      report.promised.push_back(at_most(static_cast<double>(most_reads_of_a_page(filter)),
                                        "reads a page", report.counts["reads/page"],
                                        measure::count));
      if (filter == filters.front())
        compare_with_loading(report, set);
      decide(report, unsteady);
      cases.push_back(std::move(report));
    }
  return cases;
}

} // namespace pawl::bench::history_row
