// The time from a client's request to the answer that it is accepted, which is sent when the
// request is on disk.
//
// Two requests. A deploy, a hundred a second: its acceptance also begins an upload. And a rollback
// that has to wait behind a deployment in flight: it is the same record, history, claim and event,
// and leads to nothing further, so any number a second can be accepted, as a store can be asked to
// insert.
#include "bench/harness/pairs.hpp"
#include "bench/harness/peer_store.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/load/request_load.hpp"
#include "bench/rows/busy_server.hpp"
#include "bench/rows/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::bench::accept_row {

namespace {

constexpr std::array client_counts{1, 8, 64};
// A request alone changes two pages of LMDB: those that come meanwhile share the next transaction,
// a quarter of the clients at least.
constexpr double flushes_of_a_transaction = 2;
constexpr auto p50 = ", p50 us";

std::string case_of(int clients) {
  return fmt::format("{} {}", clients, clients == 1 ? "client" : "clients");
}

std::chrono::milliseconds time_of_a_run(const workplace& place) {
  return std::chrono::milliseconds{place.quick ? 200 : 400};
}

// Each waits in the lane of its client.
request_tally rollbacks(busy_server& busy, int clients, double rate, const workplace& place) {
  request_plan plan;
  plan.clients = static_cast<std::size_t>(clients);
  plan.time = time_of_a_run(place);
  plan.rate = rate;
  plan.make = busy.rollbacks(when_busy::queue, true);
  plan.socket = busy.server().socket().string();
  auto tally = send_requests(plan);
  if (tally.refusals.count() > 0)
    throw std::runtime_error(tally.refusal);
  return tally;
}

figures measure_ours(const workplace& place) {
  figures found;
  busy_server busy{place};
  for (const auto clients : client_counts) {
    const auto tally = rollbacks(busy, clients, 0, place);
    found[case_of(clients)] = tally.rate();
    found[case_of(clients) + p50] = static_cast<double>(tally.latencies.at(0.5)) / 1e3;
  }
  return found;
}

figures measure_peer(const workplace& place, const store_peer& peer) {
  figures found;
  const auto running = peer.start(place);
  for (const auto clients : client_counts) {
    const auto done = drive_peer(place, *running, "accept", static_cast<std::size_t>(clients),
                                 time_of_a_run(place));
    found[case_of(clients)] = done.rate;
    found[case_of(clients) + p50] = done.p50_us;
  }
  return found;
}

// The cost of one request, and its latency at half the capacity, each request sent at its time.
std::map<std::string, double> count_ours(const workplace& place, int clients, double capacity) {
  busy_server busy{place, true};
  const auto before = busy.server().usage();
  const auto counted_before = busy.server().counted();
  const auto tally = rollbacks(busy, clients, 0, place);
  const auto counted = busy.server().counted().since(counted_before);
  const auto after = busy.server().usage();
  const auto each = [&](auto amount) {
    return static_cast<double>(amount) /
           static_cast<double>(std::max<std::uint64_t>(tally.latencies.count(), 1));
  };
  const auto open_loop = rollbacks(busy, clients, capacity / 2, place);
  return {{"flushes/op", each(counted.flushes)},
          {"allocations/op", each(counted.allocations)},
          {"context switches/op", each(after.switches - before.switches)},
          {"cpu us/op", each((after.cpu_seconds - before.cpu_seconds) * 1e6)},
          {"p50 us at half capacity", static_cast<double>(open_loop.latencies.at(0.5)) / 1e3},
          {"p99 us at half capacity", static_cast<double>(open_loop.latencies.at(0.99)) / 1e3}};
}

void promise_ratio(case_report& report, const std::string& peer, double least) {
  if (const auto ratio = report.ratios.find(peer); ratio != report.ratios.end())
    report.promised.push_back(
        at_least(least, fmt::format("times {}", peer), ratio->second.median, measure::time));
}

case_report report_of(const pairs_outcome& outcome, int clients, const workplace& place,
                      const std::vector<std::string>& notes) {
  auto [report, unsteady] = compare(outcome, "accept", case_of(clients), "requests/s");
  report.notes = notes;
  report.counts = count_ours(place, clients, report.ours.value_or(0));
  for (const auto& [peer, cases] : outcome.samples)
    report.counts[peer + p50] = spread_of(cases.at(case_of(clients) + p50)).median;
  const auto sharing = std::max(1.0, clients / 4.0);
  report.promised.push_back(at_most(flushes_of_a_transaction / sharing, "flushes a request",
                                    report.counts.at("flushes/op"), measure::count));
  if (clients == 1)
    promise_ratio(report, "PostgreSQL", 0.5);
  if (clients == 64) {
    promise_ratio(report, "etcd", 4);
    promise_ratio(report, "PostgreSQL", 3);
  }
  decide(report, unsteady);
  return report;
}

// Each at its time, as people send them: the next would wait for the commits that the one before
// leads to. The floor in the same minute: what two flushes take now.
case_report deploy_new_apps(const workplace& place) {
  const auto floor = probe_floors(place.directory, std::chrono::milliseconds{100});
  auto how = timed_server_plan_in(place, place.fresh("deploys"));
  how.where = processors::first;
  const server_under_test server{place, how};
  request_plan plan;
  plan.socket = server.socket().string();
  plan.time = std::chrono::milliseconds{place.quick ? 400 : 2000};
  plan.rate = 100;
  plan.make = [](std::size_t, std::size_t number) {
    return deploy_of(fmt::format("new-{}", number), fmt::format("new-{}", number));
  };
  const auto tally = send_requests(plan);
  if (tally.refusals.count() > 0)
    throw std::runtime_error(tally.refusal);
  constexpr double more_us = 300;
  case_report report;
  report.row = "accept";
  report.name = "a deploy of a new app, 100 a second";
  report.unit = "us, p50";
  report.ours = static_cast<double>(tally.latencies.at(0.5)) / 1e3;
  report.floor = 2 * floor.flush_p50_us;
  report.counts = {{"p99 us", static_cast<double>(tally.latencies.at(0.99)) / 1e3}};
  report.promised = {at_most(*report.floor + more_us, "us (two flushes, and 300 us)", *report.ours,
                             measure::time)};
  decide(report, false);
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  std::vector<std::string> notes;
  std::vector<contestant> all{{our_name, [&] { return measure_ours(place); }}};
  for (const auto* peer : present({&postgresql(), &sqlite(), &etcd(), &redis()}, place, notes))
    all.push_back({peer->name, [&place, peer] { return measure_peer(place, *peer); }});
  const auto outcome = run_pairs(all, place.budget());
  std::vector<case_report> cases{deploy_new_apps(place)};
  for (const auto clients : client_counts)
    cases.push_back(report_of(outcome, clients, place, notes));
  return cases;
}

} // namespace pawl::bench::accept_row
