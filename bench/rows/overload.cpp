// Twice as many requests as the server can accept, each sent at its time: whether it goes on
// accepting as many as before, and whether it refuses the others soon.
#include "bench/harness/pairs.hpp"
#include "bench/rows/busy_server.hpp"
#include "bench/rows/rows.hpp"

namespace pawl::bench::overload_row {

namespace {

constexpr std::size_t clients = 64;

std::chrono::milliseconds time_of_a_run(const workplace& place) {
  return std::chrono::milliseconds{place.quick ? 500 : 3000};
}

request_tally send_for_a_while(busy_server& busy, double rate, const workplace& place) {
  request_plan plan;
  plan.socket = busy.server().socket().string();
  plan.clients = clients;
  plan.time = time_of_a_run(place);
  plan.rate = rate;
  plan.make = busy.rollbacks(when_busy::queue, true);
  return send_requests(plan);
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  constexpr auto good = "goodput at twice the capacity";
  busy_server busy{place};
  histogram refusals;
  const auto outcome =
      run_pairs({{"capacity",
                  [&] {
                    return figures{{good, send_for_a_while(busy, 0, place).rate()}};
                  }},
                 {our_name,
                  [&] {
                    const auto capacity = send_for_a_while(busy, 0, place).rate();
                    const auto tally = send_for_a_while(busy, 2 * capacity, place);
                    refusals.add(tally.refusals);
                    return figures{{good, tally.rate()}};
                  }}},
                place.budget() / 2);
  auto [report, unsteady] = compare(outcome, "overload", good, "accepted/s");
  report.counts = {{"refused", static_cast<double>(refusals.count())},
                   {"refusal p99 ms", static_cast<double>(refusals.at(0.99)) / 1e6}};
  report.promised = {
      at_least(0.9, "times the capacity", report.ratios.at("capacity").median, measure::time)};
  if (refusals.count() > 0)
    report.promised.push_back(
        at_most(5, "ms to a refusal, p99", report.counts["refusal p99 ms"], measure::time));
  decide(report, unsteady);
  return {report};
}

} // namespace pawl::bench::overload_row
