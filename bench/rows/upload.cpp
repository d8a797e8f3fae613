// 200 MB from a client to a verified source, over the unix socket, beside cat into a file with a
// flush, beside what verifying costs at least (reading, hashing, flushing), and beside rsync.
#include "bench/harness/pairs.hpp"
#include "bench/harness/rsync_peer.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/rows/app.hpp"
#include "bench/rows/rows.hpp"
#include "client/conversation/conversation.hpp"
#include "packing/pack.hpp"
#include "posix/descriptor.hpp"
#include "posix/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <random>
#include <unistd.h>

namespace pawl::bench::upload_row {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto received = "received";
constexpr auto verified = "received and verified";

double seconds_since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

// Random, so that nothing on the way can make it shorter.
void write_noise(const std::filesystem::path& path, std::size_t megabytes) {
  std::ofstream file{path, std::ios::binary};
  std::mt19937_64 noise{20260101};
  std::vector<std::uint64_t> block(1'000'000 / sizeof(std::uint64_t));
  for (std::size_t i = 0; i < megabytes; ++i) {
    std::generate(block.begin(), block.end(), std::ref(noise));
    file.write(reinterpret_cast<const char*>(block.data()), 1'000'000);
  }
}

// Notes when the source was complete, and when the server had read it through.
class upload_observer : public client::observer {
public:
  explicit upload_observer(clock::time_point begin) : begin_(begin) {}
  void accepted(const deployment&) override {}
  void uploaded(std::uint64_t bytes, std::uint64_t total) override {
    if (bytes == total && received_ == 0)
      received_ = seconds_since(begin_);
  }
  void seen(const std::string&, const event& what) override {
    const auto* moved = std::get_if<state_event>(&what.body);
    if (moved != nullptr && moved->state == state::building)
      verified_ = seconds_since(begin_);
  }
  void lost(const error& why) override { throw std::runtime_error(why.message); }
  void found_again() override {}
  void cancel_refused(const error&) override {}
  client::interrupt_choice interrupted(bool) override { return client::interrupt_choice::go_on; }

  double seconds_to_receive() const { return received_; }
  double seconds_to_verify() const { return verified_; } // 0: it never was

private:
  clock::time_point begin_;
  double received_ = 0;
  double verified_ = 0;
};

struct source {
  std::filesystem::path directory;
  packing::packed_source packed;
  double megabytes() const { return static_cast<double>(packed.facts.bytes) / 1e6; }
};

source make_source(const workplace& place, std::size_t megabytes) {
  auto directory = place.fresh("upload-app");
  write_app(directory, {.name = "big", .build = "exit 1"}); // it has been verified by then
  write_noise(directory / "noise", megabytes);
  auto packed = expect(packing::pack(directory));
  return {directory, std::move(packed)};
}

void send_source(const server_under_test& server, const source& what, upload_observer& heard) {
  client::upload wanted;
  wanted.request.app = "big";
  wanted.request.request_id = "upload-1";
  wanted.request.source = what.packed.facts;
  wanted.file = what.packed.file.get();
  client::conversation talk{[&] {
                              return client::server_link::connect({{server.socket().string()}},
                                                                  limits::connect_timeout);
                            },
                            heard};
  const auto end = talk.deploy(wanted, false);
  if (heard.seconds_to_verify() == 0)
    throw std::runtime_error("the upload failed: " +
                             (end.problem ? end.problem->message : std::string{"no reason"}));
}

figures measure_ours(const workplace& place, const source& what, double& growth_mb) {
  const server_under_test server{place, pawld_plan(place, place.fresh("upload"))};
  reset_peak(server.pid());
  const auto before = server.usage();
  upload_observer heard{clock::now()};
  send_source(server, what, heard);
  const auto grown =
      static_cast<double>(server.usage().peak_kib - before.resident_kib) * 1024 / 1e6;
  growth_mb = std::max(growth_mb, grown);
  return {{received, what.megabytes() / heard.seconds_to_receive()},
          {verified, what.megabytes() / heard.seconds_to_verify()}};
}

// cat SOURCE > FILE, and an fsync; then it is read through, digested, and flushed once more.
figures measure_floor(const workplace& place, const source& what) {
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
  const auto what = make_source(place, megabytes);
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
