// A server without requests: its memory, and how often it wakes up.
#include "bench/harness/pairs.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/timed_server_plan.hpp"
#include "bench/server/seed.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <fmt/format.h>

#include <thread>

namespace pawl::bench::idle_row {

namespace {

constexpr double base_mb = 30;
constexpr double kib_per_mb = 1e6 / 1024;

// CAF's clock wakes once for each timeout of the requests that were made at the start, answered or
// not; nothing else does.
constexpr double switches_of_timers = 0.2;

struct idle_usage {
  process_usage before;
  process_usage after;
  double seconds = 0;

  double per_second(double amount) const { return amount / seconds; }
  double switches() const {
    return per_second(static_cast<double>(after.switches - before.switches));
  }
  double resident_mb() const { return static_cast<double>(after.resident_kib) / kib_per_mb; }
};

// Waits until a second passes in which the server does nothing, or as many as a busy one is given.
void let_it_settle(const server_under_test& server) {
  constexpr int seconds_at_most = 5;
  std::this_thread::sleep_for(limits::spare_thread_time); // what the start needed ends
  for (int i = 0; i < seconds_at_most; ++i) {
    const auto before = server.usage().switches;
    std::this_thread::sleep_for(std::chrono::seconds{1});
    if (server.usage().switches == before)
      return;
  }
}

idle_usage watch(const server_under_test& server, const workplace& place) {
  const auto time = std::chrono::seconds{place.quick ? 2 : 10};
  let_it_settle(server);
  idle_usage usage;
  usage.before = server.usage();
  std::this_thread::sleep_for(time);
  usage.after = server.usage();
  usage.seconds = std::chrono::duration<double>(time).count();
  return usage;
}

case_report report_of(const idle_usage& usage, const std::string& name) {
  case_report report;
  report.row = "idle";
  report.name = name;
  report.unit = "MB resident";
  report.ours = usage.resident_mb();
  report.counts = {
      {"context switches/s", usage.switches()},
      {"cpu ms/s", usage.per_second((usage.after.cpu_seconds - usage.before.cpu_seconds) * 1e3)},
      {"proportional MB", static_cast<double>(usage.after.proportional_kib) / kib_per_mb}};
  return report;
}

void seed(const std::filesystem::path& directory, void (*fill)(store&, std::size_t),
          std::size_t lanes) {
  const auto records = expect(lmdb_store::open(directory / "data" / "store"));
  fill(*records, lanes);
}

case_report real_server(const workplace& place, std::size_t lanes) {
  const auto directory = place.fresh("idle");
  seed(directory, seed_settled_lanes, lanes);
  const server_under_test server{place, pawld_plan(place, directory)};
  const auto usage = watch(server, place);
  auto report = report_of(usage, fmt::format("pawld, {} lanes known", lanes));
  report.promised = {at_most(base_mb, "MB resident", usage.resident_mb(), measure::count),
                     at_most(switches_of_timers, "context switches a second, of its start's timers",
                             usage.switches(), measure::count)};
  return report;
}

// The memory of a server without lanes is taken off: what is left is the lanes'.
case_report serving_lanes(const workplace& place, std::size_t lanes) {
  const auto empty = place.fresh("idle-empty");
  const auto base = [&] {
    return watch(server_under_test{place, timed_server_plan_in(place, empty)}, place);
  }();
  const auto directory = place.fresh("idle-serving");
  seed(directory, seed_serving_lanes, lanes);
  const server_under_test server{place, timed_server_plan_in(place, directory, {.running = lanes})};
  const auto usage = watch(server, place);
  auto report = report_of(usage, fmt::format("{} lanes that serve", lanes));
  const auto lane_kib = (static_cast<double>(usage.after.resident_kib) -
                         static_cast<double>(base.after.resident_kib)) /
                        static_cast<double>(lanes);
  report.counts["KiB/lane"] = lane_kib;
  report.counts["MB without lanes"] = base.resident_mb();
  // An allocator's pages: near the limit it may fall on either side, so it is no gate.
  const auto allowed = base_mb + 2 * static_cast<double>(lanes) / kib_per_mb;
  report.promised = {
      at_most(allowed, "MB resident (30 MB, and 2 KiB a lane)", usage.resident_mb(), measure::time),
      at_most(5, "context switches a second", usage.switches(), measure::count)};
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  constexpr std::size_t few = 1000;
  constexpr std::size_t many = 10'000;
  std::vector<case_report> cases{real_server(place, few)};
  cases.push_back(serving_lanes(place, place.quick ? few : many));
  for (auto& one : cases)
    decide(one, false);
  return cases;
}

} // namespace pawl::bench::idle_row
