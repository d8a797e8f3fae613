// A viewer that comes late reads a long journal from its beginning. Beside a client of Redis that
// reads a stream of as many entries of the same size.
#include "bench/harness/pairs.hpp"
#include "bench/harness/peer_store.hpp"
#include "bench/load/follow_load.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/timed_server_plan.hpp"
#include "bench/server/seed.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <fmt/format.h>

namespace pawl::bench::replay_row {

namespace {

constexpr auto one_viewer = "one viewer";

figures measure_ours(const server_under_test& server, std::size_t lines, std::uint64_t& gaps) {
  using clock = std::chrono::steady_clock;
  viewers one{server.socket().string(), 1};
  const auto begin = clock::now();
  const auto tally = one.follow(seeded_id(0), std::chrono::seconds{30});
  const auto seconds = std::chrono::duration<double>(clock::now() - begin).count();
  gaps += tally.gaps + (tally.deliveries < lines ? lines - tally.deliveries : 0);
  return {{one_viewer, static_cast<double>(tally.deliveries) / seconds}};
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const std::size_t lines = place.quick ? 20'000 : 100'000;
  const auto directory = place.fresh("replay");
  seed_journal(*expect(lmdb_store::open(directory / "data" / "store")), lines);
  auto how = timed_server_plan_in(place, directory);
  how.where = processors::first;
  const server_under_test server{place, how};
  std::vector<std::string> notes;
  std::uint64_t gaps = 0;
  std::vector<contestant> all{{our_name, [&] { return measure_ours(server, lines, gaps); }}};
  std::unique_ptr<running_peer> running;
  for (const auto* peer : present({&redis()}, place, notes)) {
    running = peer->start(place);
    prepare_peer(place, *running, "replay", 1, lines);
    all.push_back(
        {peer->name, [&] {
           const auto time = std::chrono::milliseconds{0}; // until all are read
           return figures{{one_viewer, drive_again(place, *running, "replay", 1, time).rate}};
         }});
  }
  const auto outcome = run_pairs(all, place.budget());
  auto [report, unsteady] = compare(outcome, "replay", one_viewer, "events/s");
  report.name = fmt::format("{} events to one viewer", lines);
  report.notes = notes;
  report.counts = {{"events missed or twice", static_cast<double>(gaps)}};
  report.promised = {
      at_most(0, "events missed or seen twice", static_cast<double>(gaps), measure::count)};
  if (const auto ratio = report.ratios.find("Redis"); ratio != report.ratios.end())
    report.promised.push_back(at_least(1, "times Redis", ratio->second.median, measure::time));
  decide(report, unsteady);
  return {report};
}

} // namespace pawl::bench::replay_row
