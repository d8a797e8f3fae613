// One deployment, whose build prints a hundred lines a second, and many who watch it. Beside Redis,
// whose subscribers get as many messages of the same size; Redis keeps none of them.
#include "bench/harness/pairs.hpp"
#include "bench/harness/peer_store.hpp"
#include "bench/load/follow_load.hpp"
#include "bench/rows/busy_server.hpp"
#include "bench/rows/rows.hpp"

#include <fmt/format.h>

namespace pawl::bench::fanout_row {

namespace {

constexpr auto line_pause = std::chrono::milliseconds{10};

std::chrono::milliseconds time_of_a_run(const workplace& place) {
  return std::chrono::milliseconds{place.quick ? 500 : 1500};
}

std::vector<std::size_t> viewer_counts(const workplace& place) {
  return place.quick ? std::vector<std::size_t>{1, 100} : std::vector<std::size_t>{1, 1000, 9000};
}

std::string case_of(std::size_t count) {
  return fmt::format("{} {}", count, count == 1 ? "viewer" : "viewers");
}

struct fanned_out {
  follow_tally tally;
  double cpu_seconds = 0;
  double allocations = 0;
  double kib_a_viewer = 0;
};

// A new server for each, so that its memory is that of these viewers.
fanned_out fan_out(const workplace& place, std::size_t count, bool counted) {
  const auto lines = static_cast<std::size_t>(time_of_a_run(place) / line_pause);
  auto how = timed_server_plan_in(place, place.fresh("fanout"),
                                  {.lines = lines, .line_pause = line_pause});
  how.counted = counted;
  how.where = processors::first;
  const server_under_test server{place, how};
  const auto alone = server.usage();
  viewers all{server.socket().string(), count};
  const auto answer = ask(*server.connect(), deploy_of("loud", "loud"));
  const auto* accepted = std::get_if<protocol::accepted>(&answer);
  if (accepted == nullptr)
    throw std::runtime_error("the deploy is refused");
  const auto before = server.usage();
  const auto counted_before = counted ? server.counted() : counts{};
  fanned_out found;
  found.tally = all.follow(accepted->deployment.id, std::chrono::seconds{30});
  const auto after = server.usage();
  found.cpu_seconds = after.cpu_seconds - before.cpu_seconds;
  found.kib_a_viewer =
      (static_cast<double>(after.peak_kib) - static_cast<double>(alone.resident_kib)) /
      static_cast<double>(count);
  if (counted)
    found.allocations = static_cast<double>(server.counted().since(counted_before).allocations);
  if (found.tally.ended != count)
    throw std::runtime_error(fmt::format("{} of {} viewers saw the end", found.tally.ended, count));
  return found;
}

case_report report_of(const pairs_outcome& outcome, std::size_t count, const workplace& place,
                      const std::vector<std::string>& notes) {
  auto [report, unsteady] =
      compare(outcome, "fanout", case_of(count), "deliveries/CPU-second of the server");
  const auto one = fan_out(place, count, true);
  const auto deliveries = static_cast<double>(one.tally.deliveries);
  report.notes = notes;
  report.counts = {{"events missed or twice", static_cast<double>(one.tally.gaps)},
                   {"deliveries", deliveries},
                   {"allocations/delivery", one.allocations / deliveries},
                   {"KiB/viewer at the peak", one.kib_a_viewer},
                   {"p50 ms", static_cast<double>(one.tally.delays.at(0.5)) / 1e6},
                   {"p99 ms", static_cast<double>(one.tally.delays.at(0.99)) / 1e6}};
  report.promised.push_back(at_most(0, "events missed or seen twice",
                                    static_cast<double>(one.tally.gaps), measure::count));
  if (count > 1)
    report.promised.push_back(at_most(12, "KiB a viewer", one.kib_a_viewer, measure::time));
  if (const auto ratio = report.ratios.find("Redis"); count > 1 && ratio != report.ratios.end())
    report.promised.push_back(at_least(1, "times Redis", ratio->second.median, measure::time));
  decide(report, unsteady);
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  std::vector<std::string> notes;
  std::vector<contestant> all{{our_name, [&] {
                                 figures found;
                                 for (const auto count : viewer_counts(place)) {
                                   const auto one = fan_out(place, count, false);
                                   found[case_of(count)] =
                                       static_cast<double>(one.tally.deliveries) / one.cpu_seconds;
                                 }
                                 return found;
                               }}};
  for (const auto* peer : present({&redis()}, place, notes))
    all.push_back(
        {peer->name, [&place, peer] {
           figures found;
           const auto running = peer->start(place);
           for (const auto count : viewer_counts(place))
             found[case_of(count)] =
                 1e6 / drive_peer(place, *running, "fanout", count, time_of_a_run(place)).cpu_us;
           return found;
         }});
  const auto outcome = run_pairs(all, place.budget() / 2);
  std::vector<case_report> cases;
  for (const auto count : viewer_counts(place))
    cases.push_back(report_of(outcome, count, place, notes));
  return cases;
}

} // namespace pawl::bench::fanout_row
