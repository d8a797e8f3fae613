// Many apps deploy at once, each with a build of 20 ms and a start of 5 ms. Four builds run at
// once, so there is a least possible time; the rest is the server's.
#include "bench/harness/pairs.hpp"
#include "bench/load/deploy_load.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/timed_server_plan.hpp"

#include <fmt/format.h>

#include <cmath>

namespace pawl::bench::lanes_row {

namespace {

constexpr auto build = std::chrono::milliseconds{20};
constexpr auto start = std::chrono::milliseconds{5};

struct lane_case {
  std::size_t lanes;
  double efficiency; // that is promised
};

std::vector<lane_case> lane_cases(const workplace& place) {
  std::vector<lane_case> all{{1, 0}, {10, 0}, {100, 0.95}};
  if (!place.quick)
    all.push_back({1000, 0.8});
  return all;
}

std::string case_of(std::size_t lanes) {
  return fmt::format("{} {} at once", lanes, lanes == 1 ? "app" : "apps");
}

double ideal_ms(std::size_t lanes) {
  const auto rounds = std::ceil(static_cast<double>(lanes) / limits::builds_at_once);
  return rounds * static_cast<double>(build.count()) + static_cast<double>(start.count());
}

figures measure_ours(const workplace& place) {
  const server_under_test server{
      place, timed_server_plan_in(place, place.fresh("lanes"), {.build = build, .start = start})};
  figures found;
  for (const auto& one : lane_cases(place)) {
    deploy_plan plan;
    plan.socket = server.socket().string();
    plan.lanes = one.lanes;
    plan.name = fmt::format("lane{}", one.lanes);
    plan.warm_up = std::chrono::milliseconds{0};
    plan.time = std::chrono::seconds{60};
    plan.once = true;
    const auto tally = deploy_flat_out(plan);
    if (tally.deployments != one.lanes)
      throw std::runtime_error(fmt::format("{} of {} apps became active: {}", tally.deployments,
                                           one.lanes, tally.problem));
    found[case_of(one.lanes)] = tally.seconds * 1e3;
  }
  return found;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const auto outcome =
      run_pairs({{our_name, [&] { return measure_ours(place); }}}, place.budget() / 2);
  std::vector<case_report> cases;
  for (const auto& one : lane_cases(place)) {
    auto [report, unsteady] = compare(outcome, "lanes", case_of(one.lanes), "ms");
    report.floor = ideal_ms(one.lanes);
    const auto efficiency = *report.floor / *report.ours;
    report.counts = {{"of the ideal", efficiency}};
    if (one.efficiency > 0)
      report.promised = {at_least(one.efficiency, "of the ideal", efficiency, measure::time)};
    else
      report.promised = {
          at_most(*report.floor + 100, "ms (the ideal, and 100 ms)", *report.ours, measure::time)};
    decide(report, unsteady);
    cases.push_back(std::move(report));
  }
  return cases;
}

} // namespace pawl::bench::lanes_row
