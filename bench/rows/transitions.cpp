// Deployments that live their whole life in the real server (actors, store, socket) with an engine
// and a router whose calls take no time: the state machine, its flushes and its events are left.
#include "bench/harness/pairs.hpp"
#include "bench/harness/peer_store.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/load/deploy_load.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/timed_server_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pawl::bench::transitions_row {

namespace {

struct lane_case {
  int lanes;
  double flushes; // a transition takes at most: one lane alone has each of its commits for itself
};

constexpr std::array lane_cases{lane_case{1, 2}, lane_case{64, 0.05}, lane_case{1000, 0.1}};
constexpr int promised_lanes = 64;
constexpr auto cpu_figure = "cpu us";

std::string case_of(int lanes) {
  return fmt::format("{} {}", lanes, lanes == 1 ? "lane" : "lanes");
}

std::chrono::milliseconds time_of_a_run(const workplace& place) {
  return std::chrono::milliseconds{place.quick ? 300 : 600};
}

deploy_plan plan_for(const server_under_test& server, int lanes, const workplace& place) {
  deploy_plan plan;
  plan.socket = server.socket().string();
  plan.lanes = static_cast<std::size_t>(lanes);
  plan.time = time_of_a_run(place);
  plan.name = fmt::format("load{}", lanes);
  return plan;
}

deploy_tally run_lanes(const server_under_test& server, int lanes, const workplace& place) {
  auto tally = deploy_flat_out(plan_for(server, lanes, place));
  if (tally.others > 0 || tally.transitions == 0) // a thousand may all be on their way
    throw std::runtime_error(
        fmt::format("{} deployments did not become active: {}", tally.others, tally.problem));
  return tally;
}

// One server for all cases: they have lanes of their own.
figures measure_ours(const workplace& place) {
  figures found;
  auto how = timed_server_plan_in(place, place.fresh("transitions"));
  how.where = processors::first;
  server_under_test server{place, how};
  for (const auto& one : lane_cases)
    found[case_of(one.lanes)] = run_lanes(server, one.lanes, place).rate();
  return found;
}

// The processor time of one transition at the peer: the difference of this run and of one that
// hardly does more than connect, which costs PostgreSQL a process for each connection.
double cpu_us_of(const peer_figures& run, const peer_figures& connecting) {
  const auto us_of = [](const peer_figures& one) { return one.cpu_us * one.operations; };
  return (us_of(run) - us_of(connecting)) / (run.operations - connecting.operations);
}

// A thousand connections are not what a pool of theirs would open: 64 for the thousand lanes.
figures measure_peer(const workplace& place, const store_peer& peer) {
  constexpr int connections = 64;
  figures found;
  const auto running = peer.start(place);
  for (const auto& one : lane_cases) {
    const auto lanes = one.lanes;
    const auto clients = static_cast<std::size_t>(std::min(lanes, connections));
    const auto drive_for = [&](std::chrono::milliseconds time) {
      return drive_peer(place, *running, "transition", clients, time);
    };
    const auto done = drive_for(time_of_a_run(place));
    found[case_of(lanes)] = done.rate;
    if (lanes == promised_lanes)
      found[cpu_figure] = cpu_us_of(done, drive_for(std::chrono::milliseconds{1}));
  }
  return found;
}

// The cost of one transition, measured on a separate server whose calls are counted.
std::map<std::string, double> count_ours(const workplace& place, int lanes) {
  auto how = timed_server_plan_in(place, place.fresh("counted"));
  how.counted = true;
  how.where = processors::first;
  server_under_test server{place, how};
  auto plan = plan_for(server, lanes, place);
  plan.warm_up = std::chrono::milliseconds{0}; // so that what is counted is what is tallied
  const auto before = server.usage();
  const auto counted_before = server.counted();
  const auto tally = deploy_flat_out(plan);
  const auto counted = server.counted().since(counted_before);
  const auto after = server.usage();
  const auto each = [&](auto amount) {
    return static_cast<double>(amount) /
           static_cast<double>(std::max<std::uint64_t>(tally.transitions, 1));
  };
  return {{"flushes/transition", each(counted.flushes)},
          {"written bytes/transition", each(counted.written_bytes)},
          {"allocations/transition", each(counted.allocations)},
          {"context switches/transition", each(after.switches - before.switches)},
          {"cpu us/transition", each((after.cpu_seconds - before.cpu_seconds) * 1e6)}};
}

// Sets the targets for 64 lanes, against the peers that are installed.
void promise_ratios(case_report& report, const pairs_outcome& outcome) {
  for (const auto& [peer, least] : {std::pair{"etcd", 6.0}, std::pair{"PostgreSQL", 4.0}})
    if (const auto ratio = report.ratios.find(peer); ratio != report.ratios.end())
      report.promised.push_back(
          at_least(least, fmt::format("times {}", peer), ratio->second.median, measure::time));
  if (const auto postgres = outcome.samples.find("PostgreSQL"); postgres != outcome.samples.end()) {
    const auto theirs = spread_of(postgres->second.at(cpu_figure)).median;
    report.counts["PostgreSQL cpu us/transition"] = theirs;
    report.promised.push_back(at_most(1.0 / 3, "of PostgreSQL's CPU time",
                                      report.counts.at("cpu us/transition") / theirs,
                                      measure::time));
  }
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  std::vector<std::string> notes;
  std::vector<contestant> all{{our_name, [&] { return measure_ours(place); }}};
  for (const auto* peer : present({&postgresql(), &sqlite(), &etcd()}, place, notes))
    all.push_back({peer->name, [&place, peer] { return measure_peer(place, *peer); }});
  const auto outcome = run_pairs(all, place.budget());
  std::vector<case_report> cases;
  for (const auto& [lanes, flushes] : lane_cases) {
    auto [report, unsteady] = compare(outcome, "transitions", case_of(lanes), "transitions/s");
    report.counts = count_ours(place, lanes);
    report.notes = notes;
    report.promised.push_back(at_most(flushes, "flushes a transition",
                                      report.counts.at("flushes/transition"), measure::count));
    if (lanes == promised_lanes)
      promise_ratios(report, outcome);
    decide(report, unsteady);
    cases.push_back(std::move(report));
  }
  return cases;
}

} // namespace pawl::bench::transitions_row
