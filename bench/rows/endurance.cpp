// A server that has deployed for long: what its file holds beside live data, whether its memory
// grows, whether it gets slower. By hand (--large) a million deployments; else as many as the time
// allows. The parts of its life are compared: the first after a warm-up, in which threads, caches
// and the allocator come to their size, and the last.
#include "bench/harness/pairs.hpp"
#include "bench/load/deploy_load.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/timed_server_plan.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <fmt/format.h>

namespace pawl::bench::endurance_row {

namespace {

constexpr std::size_t lanes = 64;
constexpr std::size_t parts = 6; // the warm-up is one
constexpr std::uint64_t million = 1'000'000;

struct part_of_a_life {
  double rate = 0;
  double own_mb = 0;    // memory that is no page of a file
  double mapped_mb = 0; // resident pages of files: the store's, and the program's
  double file_mb = 0;
};

double megabytes_of(const std::filesystem::path& file) {
  return static_cast<double>(std::filesystem::file_size(file)) / 1e6;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const server_under_test server{place, timed_server_plan_in(place, place.fresh("endurance"))};
  const auto file = server.data() / "store" / "data.mdb";
  std::vector<part_of_a_life> life;
  std::uint64_t deployments = 0;
  std::size_t run = 0;
  deploy_plan plan;
  plan.socket = server.socket().string();
  plan.lanes = lanes;
  plan.time = place.budget() / parts;
  plan.warm_up = std::chrono::milliseconds{0};
  plan.finish = true; // the next part deploys to the same lanes
  while (life.size() < parts || (place.large && deployments < million)) {
    plan.requests = fmt::format("run{}", run++);
    const auto tally = deploy_flat_out(plan);
    if (tally.others > 0)
      throw std::runtime_error(tally.problem);
    deployments += tally.deployments;
    const auto usage = server.usage();
    life.push_back({tally.rate(), static_cast<double>(usage.anonymous_kib) * 1024 / 1e6,
                    static_cast<double>(usage.resident_kib - usage.anonymous_kib) * 1024 / 1e6,
                    megabytes_of(file)});
  }
  case_report report;
  report.row = "endurance";
  report.name = fmt::format("{} deployments", deployments);
  report.unit = "transitions/s in the last part";
  const auto& warm_up = life.front();
  const auto& first = life.at(1);
  const auto& last = life.back();
  report.ours = last.rate;
  for (const auto& part : life) {
    report.samples["transitions/s, part by part"].push_back(part.rate);
    report.samples["MB of its own, part by part"].push_back(part.own_mb);
  }
  report.counts = {
      {"transitions/s in the first part", first.rate},
      {"MB of its own after the warm-up", warm_up.own_mb},
      {"MB of its own after the first part", first.own_mb},
      {"MB of its own at the end", last.own_mb},
      {"MB of the store's pages and the program's, at the end", last.mapped_mb},
      {"file MB", last.file_mb},
      {"file bytes/deployment", last.file_mb * 1e6 / static_cast<double>(deployments)}};
  report.promised = {
      at_least(0.9, "times the speed of the first part", last.rate / first.rate, measure::time),
      at_most(1.05, "times the memory of its own after the first part", last.own_mb / first.own_mb,
              measure::time)};
  decide(report, false);
  return {report};
}

} // namespace pawl::bench::endurance_row
