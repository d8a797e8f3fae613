// One `pawl status`, from the start of the process to its end, beside a program of some lines that
// connects to the same socket, asks the same, and reads the answer.
#include "bench/harness/pairs.hpp"
#include "bench/harness/processors.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/rows/rows.hpp"
#include "protocol/msgpack/codec.hpp"

namespace pawl::bench::startup_row {

namespace {

constexpr auto wall = "pawl status, wall time";
constexpr auto cpu = "pawl status, CPU time";
constexpr double times_peer = 2;
constexpr double milliseconds_more = 10;

// Writes the client's hello and its request as bytes, for the bare client to send.
std::filesystem::path write_frames(const std::filesystem::path& directory) {
  std::string bytes;
  for (const auto& message :
       {protocol::envelope{0, protocol::hello{protocol::version, "bare 0", {}}},
        protocol::envelope{1, protocol::status_request{}}}) {
    const auto frame = expect(protocol::encode(message));
    bytes.append(frame.data(), frame.size());
  }
  auto path = directory / "frames";
  test::write_text(path, bytes);
  return path;
}

// The median of some runs: one alone depends on what the kernel has at hand.
figures run_some(const std::vector<std::string>& words, const server_under_test& server,
                 const workplace& place) {
  const int runs = place.quick ? 5 : 15;
  std::vector<double> walls;
  std::vector<double> cpus;
  for (int i = 0; i < runs; ++i) {
    const auto cost = run_once(
        words, {"PATH=/usr/bin:/bin", "HOME=/", "PAWL_SERVER=unix:" + server.socket().string()});
    if (cost.status != 0)
      throw std::runtime_error(words.front() + " ended with " + std::to_string(cost.status));
    walls.push_back(cost.wall_ms);
    cpus.push_back(cost.cpu_ms);
  }
  return {{wall, quantile(walls, 0.5)}, {cpu, quantile(cpus, 0.5)}};
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const auto directory = place.fresh("startup");
  const server_under_test server{place, pawld_plan(place, directory)};
  const auto frames = write_frames(directory);
  const run_on every_processor{processors::all};
  const auto ours = [&] {
    return run_some({place.program("pawl").string(), "status"}, server, place);
  };
  const auto bare = [&] {
    return run_some(
        {place.program("bare_client").string(), server.socket().string(), frames.string()}, server,
        place);
  };
  const std::vector<contestant> all{{our_name, ours}, {"bare client", bare}};
  const auto outcome = run_pairs(all, place.budget());
  std::vector<case_report> cases;
  for (const auto* name : {wall, cpu}) {
    auto [report, unsteady] = compare(outcome, "startup", name, "ms");
    const auto allowed = times_peer * report.peers.at("bare client") + milliseconds_more;
    report.promised = {
        at_most(allowed, "ms (2 times the bare client, and 10 ms)", *report.ours, measure::time)};
    decide(report, unsteady);
    cases.push_back(std::move(report));
  }
  return cases;
}

} // namespace pawl::bench::startup_row
