// 64 clients that all want the same lane.
//
// While a build is in flight every deploy is refused: that takes no flush. When the lane is free
// again and again, the decisions of an actor are measured beside 64 clients that try to change one
// key of etcd by compare-and-swap: an attempt is a decision, whether it wins or loses.
#include "bench/harness/pairs.hpp"
#include "bench/harness/peer_store.hpp"
#include "bench/rows/busy_server.hpp"
#include "bench/rows/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::bench::contention_row {

namespace {

constexpr std::size_t clients = 64;
constexpr auto decisions = "64 clients, one lane that is free again and again";
constexpr auto one_app = "wanted";

std::chrono::milliseconds time_of_a_run(const workplace& place) {
  return std::chrono::milliseconds{place.quick ? 300 : 700};
}

case_report refusals(const workplace& place) {
  busy_server busy{place, true};
  request_plan plan;
  plan.socket = busy.server().socket().string();
  plan.clients = clients;
  plan.time = time_of_a_run(place);
  plan.make = busy.rollbacks(when_busy::reject, false);
  const auto before = busy.server().usage();
  const auto counted_before = busy.server().counted();
  const auto tally = send_requests(plan);
  const auto flushes = busy.server().counted().since(counted_before).flushes;
  const auto used = busy.server().usage().cpu_seconds - before.cpu_seconds;
  const auto refused = static_cast<double>(tally.refusals.count());
  case_report report;
  report.row = "contention";
  report.name = "64 clients, one lane with a build in flight";
  report.unit = "refusals/s";
  report.ours = refused / tally.seconds;
  report.counts = {{"flushes", static_cast<double>(flushes)},
                   {"accepted", static_cast<double>(tally.latencies.count())},
                   {"cpu us/refusal", refused > 0 ? used / refused * 1e6 : 0},
                   {"p99 us", static_cast<double>(tally.refusals.at(0.99)) / 1e3}};
  report.promised = {
      // Each of the first is in the audit journal, and they wait for each other's flushes.
      at_most(2.0 * limits::audited_refusals, "flushes for refusals", static_cast<double>(flushes),
              measure::count),
      at_least(1000, "refusals", refused, measure::count),
      at_most(0, "requests accepted", static_cast<double>(tally.latencies.count()),
              measure::count)};
  decide(report, false);
  return report;
}

// All deployments of the lane, newest first.
std::vector<deployment> history_of(client::server_link& link) {
  std::vector<deployment> all;
  protocol::history_request request;
  request.app = one_app;
  request.limit = static_cast<std::uint32_t>(limits::history_page_max);
  do {
    auto answer = ask(link, request);
    auto* page = std::get_if<protocol::history_list>(&answer);
    if (page == nullptr)
      throw std::runtime_error("no history");
    std::move(page->deployments.begin(), page->deployments.end(), std::back_inserter(all));
    request.cursor = page->next_cursor;
  } while (request.cursor);
  return all;
}

// How often one began before the one before it had ended: never, if a lane is one line of events.
std::size_t overlaps(const std::vector<deployment>& newest_first) {
  std::size_t found = 0;
  for (std::size_t i = 1; i < newest_first.size(); ++i) {
    const auto& earlier = newest_first[i];
    found += earlier.finished_at && *earlier.finished_at <= newest_first[i - 1].created_at ? 0 : 1;
  }
  return found;
}

struct contended {
  double rate = 0;
  std::size_t accepted = 0;
  std::size_t overlapping = 0;
};

contended contend(const workplace& place) {
  auto how = timed_server_plan_in(place, place.fresh("contention"));
  how.where = processors::first;
  const server_under_test server{place, how};
  request_plan plan;
  plan.socket = server.socket().string();
  plan.clients = clients;
  plan.time = time_of_a_run(place);
  plan.make = [](std::size_t client, std::size_t number) {
    return deploy_of(one_app, fmt::format("{}-{}", client, number));
  };
  const auto tally = send_requests(plan);
  const auto all = history_of(*server.connect());
  const auto made = static_cast<double>(tally.latencies.count() + tally.refusals.count());
  return {made / tally.seconds, tally.latencies.count(), overlaps(all)};
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  std::vector<std::string> notes;
  std::size_t accepted = 0;
  std::size_t overlapping = 0;
  std::vector<contestant> all{{our_name, [&] {
                                 const auto found = contend(place);
                                 accepted += found.accepted;
                                 overlapping += found.overlapping;
                                 return figures{{decisions, found.rate}};
                               }}};
  for (const auto* peer : present({&etcd()}, place, notes))
    all.push_back({peer->name, [&place, peer] {
                     const auto running = peer->start(place);
                     const auto done =
                         drive_peer(place, *running, "contend", clients, time_of_a_run(place));
                     return figures{{decisions, done.rate}};
                   }});
  const auto outcome = run_pairs(all, place.budget() / 2);
  auto [report, unsteady] = compare(outcome, "contention", decisions, "decisions/s");
  report.notes = notes;
  report.counts = {{"accepted", static_cast<double>(accepted)},
                   {"in flight at once", static_cast<double>(overlapping)}};
  report.promised = {
      at_most(0, "deployments in flight beside another", static_cast<double>(overlapping),
              measure::count),
      at_least(1, "deployments accepted", static_cast<double>(accepted), measure::count)};
  if (const auto ratio = report.ratios.find("etcd"); ratio != report.ratios.end())
    report.promised.push_back(at_least(10, "times etcd", ratio->second.median, measure::time));
  decide(report, unsteady);
  return {refusals(place), report};
}

} // namespace pawl::bench::contention_row
