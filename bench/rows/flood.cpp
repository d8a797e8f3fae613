// A build that prints 1 GB: whether the journal and the server's memory stay bounded, and whether
// another app's deploy is kept waiting by it.
#include "bench/harness/pairs.hpp"
#include "bench/harness/processors.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/rows/app.hpp"
#include "bench/rows/rows.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pawl::bench::flood_row {

namespace {

using clock = std::chrono::steady_clock;

struct flooded_server {
  const workplace& place;
  std::filesystem::path directory;
  server_under_test server;
  int deploys = 0;

  explicit flooded_server(const workplace& where)
      : place(where), directory(where.fresh("flood")),
        server(where, pawld_plan(where, directory,
                                 "[cluster.local]\ndrain = \"0s\"\nwarm = \"0s\"\n"
                                 "watch_period = \"0s\"\n")) {}

  std::vector<std::string> pawl(std::vector<std::string> words) const {
    words.insert(words.begin(), place.program("pawl").string());
    words.insert(words.end(), {"--server", "unix:" + server.socket().string()});
    return words;
  }

  // The milliseconds of a whole deploy of the other app.
  double deploy_other() {
    const auto app = directory / "other";
    write_app(app, {.name = "other", .build = fmt::format("echo {} >built", ++deploys)});
    const auto cost = run_once(pawl({"deploy", app.string()}), {"HOME=/", "PATH=/usr/bin:/bin"});
    if (cost.status != 0)
      throw std::runtime_error(fmt::format("a deploy beside the flood ended with {}", cost.status));
    return cost.wall_ms;
  }
};

// Begins the deployment whose build prints, without waiting for its end.
std::unique_ptr<test::program> begin_flood(flooded_server& on, std::uint64_t megabytes,
                                           int number) {
  const auto app = on.directory / fmt::format("loud-{}", number);
  write_app(app, {.name = fmt::format("loud-{}", number),
                  .build = fmt::format("yes 'a line as builds print them, not very long' | "
                                       "head -c {}",
                                       megabytes * 1'000'000)});
  test::program_plan how{on.pawl({"deploy", app.string(), "--json"})};
  how.environment = {{"HOME", "/"}, {"PATH", "/usr/bin:/bin"}};
  how.directory = on.directory;
  how.out = on.directory / fmt::format("loud-{}.json", number);
  how.err = on.directory / fmt::format("loud-{}.err", number);
  return std::make_unique<test::program>(how);
}

bool is_printing(const flooded_server& on, int number) {
  const auto words = on.pawl({"status", "-a", fmt::format("loud-{}", number), "--json"});
  test::program_plan how{words};
  how.environment = {{"HOME", "/"}, {"PATH", "/usr/bin:/bin"}};
  how.directory = on.directory;
  how.out = on.directory / "status.json";
  how.err = on.directory / "status.err";
  const auto end = test::program{how}.wait();
  return end.out.find("\"building\"") != std::string::npos;
}

struct flood_outcome {
  double growth_mb = 0;          // of the server's own memory, looked at after each deploy
  double resident_growth_mb = 0; // with the pages of the store that it has mapped
  double journal_mb = 0;
  std::vector<double> alone_ms;
  std::vector<double> beside_ms;
};

// The bytes of the lines in the journal, as its viewer gets them.
double journal_megabytes(const flooded_server& on, const std::string& id) {
  test::program_plan how{on.pawl({"attach", id, "--jsonl"})};
  how.environment = {{"HOME", "/"}, {"PATH", "/usr/bin:/bin"}};
  how.directory = on.directory;
  how.out = on.directory / "journal.jsonl";
  how.err = on.directory / "journal.err";
  const auto end = test::program{how}.wait();
  std::uint64_t bytes = 0;
  std::size_t at = 0;
  for (auto stop = end.out.find('\n'); stop != std::string::npos; stop = end.out.find('\n', at)) {
    const auto event = nlohmann::json::parse(end.out.substr(at, stop - at));
    if (event.at("event") == "log")
      bytes += event.at("line").get_ref<const std::string&>().size() + 1;
    at = stop + 1;
  }
  return static_cast<double>(bytes) / 1e6;
}

double megabytes_over(std::uint64_t kib, std::uint64_t before_kib) {
  return (static_cast<double>(kib) - static_cast<double>(before_kib)) * 1024 / 1e6;
}

// Deploys of the other app, before the flood and while it is printed, as long as it lasts.
void flood_once(flooded_server& on, std::uint64_t megabytes, int number, flood_outcome& outcome) {
  for (int i = 0; i < 3; ++i)
    outcome.alone_ms.push_back(on.deploy_other());
  reset_peak(on.server.pid());
  const auto before = on.server.usage();
  const auto flood = begin_flood(on, megabytes, number);
  if (!test::eventually([&] { return is_printing(on, number) || !flood->running(); }))
    throw std::runtime_error("the flood does not begin");
  while (flood->running()) {
    const auto took = on.deploy_other();
    const auto own = on.server.usage().anonymous_kib;
    outcome.growth_mb = std::max(outcome.growth_mb, megabytes_over(own, before.anonymous_kib));
    if (flood->running()) // it was printed all the time
      outcome.beside_ms.push_back(took);
  }
  const auto end = flood->wait();
  if (end.status != 0)
    throw std::runtime_error("the deploy that prints failed:\n" + end.out + end.err);
  outcome.resident_growth_mb = std::max(
      outcome.resident_growth_mb, megabytes_over(on.server.usage().peak_kib, before.resident_kib));
  const auto id = nlohmann::json::parse(end.out).at("deployment").at("id").get<std::string>();
  outcome.journal_mb = std::max(outcome.journal_mb, journal_megabytes(on, id));
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const run_on every_processor{processors::all};
  const std::uint64_t megabytes = place.quick ? 100 : 1000;
  flooded_server on{place};
  on.deploy_other(); // so that all that follow replace one
  flood_outcome outcome;
  const auto begin = clock::now();
  for (int number = 1; number == 1 || (!place.quick && clock::now() - begin < place.budget() / 2);
       ++number)
    flood_once(on, megabytes, number, outcome);
  case_report report;
  report.row = "flood";
  report.name = fmt::format("a deploy beside a build that prints {} MB", megabytes);
  report.unit = "ms";
  report.samples = {{our_name, outcome.beside_ms}, {"alone", outcome.alone_ms}};
  const auto alone = spread_of(outcome.alone_ms).median;
  report.peers["alone"] = alone;
  report.counts = {{"memory growth MB", outcome.growth_mb},
                   {"with mapped pages of the store MB", outcome.resident_growth_mb},
                   {"journal MB", outcome.journal_mb}};
  report.promised = {at_most(16, "MB more memory in the server", outcome.growth_mb, measure::count),
                     at_most(static_cast<double>(limits::journal_bytes) / 1e6,
                             "MB of lines in the journal", outcome.journal_mb, measure::count)};
  if (outcome.beside_ms.empty()) {
    report.notes.emplace_back("the flood ended before a deploy beside it did");
  } else {
    report.ours = spread_of(outcome.beside_ms).median;
    auto beside = spread_of(outcome.beside_ms);
    report.ratios["alone"] = {beside.median / alone, beside.min / alone, beside.max / alone};
    report.promised.push_back(
        at_most(1.5, "times as long as alone", beside.median / alone, measure::time));
  }
  decide(report, unsteadiness(outcome.alone_ms) > unsteady_peer);
  return {report};
}

} // namespace pawl::bench::flood_row
