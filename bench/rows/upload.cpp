// 200 MB from a client to a verified source, over the unix socket, beside cat into a file with a
// flush, beside what verifying costs at least (reading, hashing, flushing), and beside rsync.
#include "bench/harness/pairs.hpp"
#include "bench/harness/rsync_peer.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/upload_load.hpp"
#include "posix/descriptor.hpp"
#include "posix/digest.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

namespace pawl::bench::upload_row {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto received = "received";
constexpr auto verified = "received and verified";

double seconds_since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

figures measure_ours(const workplace& place, const big_source& what, double& growth_mb) {
  const server_under_test server{place, pawld_plan(place, place.fresh("upload"))};
  reset_peak(server.pid());
  const auto before = server.usage();
  upload_observer heard{clock::now()};
  send_source({{server.socket().string()}}, what, heard);
  const auto grown =
      static_cast<double>(server.usage().peak_kib - before.resident_kib) * 1024 / 1e6;
  growth_mb = std::max(growth_mb, grown);
  return {{received, what.megabytes() / heard.seconds_to_receive()},
          {verified, what.megabytes() / heard.seconds_to_verify()}};
}

// cat SOURCE > FILE, and an fsync; then it is read through, digested, and flushed once more.
figures measure_floor(const workplace& place, const big_source& what) {
  const auto target = place.fresh("cat") / "copy";
  const auto from = what.directory / "noise";
  const auto begin = clock::now();
  const auto cost = run_once({"/bin/dd", "if=" + from.string(), "of=" + target.string(), "bs=256K",
                              "conv=fsync", "status=none"});
  if (cost.status != 0)
    throw std::runtime_error("the file cannot be copied");
  const auto copied = seconds_since(begin);
  const descriptor file{::open(target.c_str(), O_RDONLY | O_CLOEXEC)};
  const auto sum = digest_of_file(file.get());
  const bool flushed = sum && ::fsync(file.get()) == 0;
  const auto whole = seconds_since(begin);
  std::filesystem::remove(target);
  if (!flushed)
    throw std::runtime_error("the copy cannot be read");
  const auto megabytes = static_cast<double>(std::filesystem::file_size(from)) / 1e6;
  return {{received, megabytes / copied}, {verified, megabytes / whole}};
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  constexpr auto cat = "cat and fsync";
  constexpr auto rsync = "rsync over ssh";
  const run_on every_processor{processors::all};
  const std::size_t megabytes = place.quick ? 50 : 200;
  const auto what = make_big_source(place, megabytes);
  double growth_mb = 0;
  std::vector<contestant> all{{our_name, [&] { return measure_ours(place, what, growth_mb); }},
                              {cat, [&] { return measure_floor(place, what); }}};
  const auto missing = rsync_peer::missing();
  std::optional<rsync_peer> sshd;
  if (missing.empty()) {
    sshd.emplace(place);
    all.push_back({rsync, [&] {
                     return figures{{verified, what.megabytes() / sshd->seconds_to_send(
                                                                      what.directory / "noise")}};
                   }});
  }
  const auto outcome = run_pairs(all, place.budget());
  std::vector<case_report> cases;
  for (const auto& [name, least] : {std::pair{received, 0.5}, std::pair{verified, 0.7}}) {
    auto [report, unsteady] = compare(outcome, "upload", name, "MB/s");
    const auto ratio = report.ratios.at(cat).median;
    report.floor = report.peers.at(cat);
    report.counts["memory growth MB"] = growth_mb;
    report.promised = {at_least(least, "times the floor", ratio, measure::time),
                       at_most(16, "MB more memory in the server", growth_mb, measure::count)};
    if (const auto theirs = report.ratios.find(rsync); theirs != report.ratios.end())
      report.promised.push_back(
          at_least(2, "times rsync over ssh", theirs->second.median, measure::time));
    if (!missing.empty())
      report.notes.push_back(
          fmt::format("without {}: {} is missing; bench/peers/setup installs it", rsync, missing));
    report.name = fmt::format("{} MB {}", megabytes, name);
    decide(report, unsteady);
    cases.push_back(std::move(report));
  }
  return cases;
}

} // namespace pawl::bench::upload_row
