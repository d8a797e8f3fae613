// Traffic is switched back and forth between two versions while clients ask without pause: how long
// a switch takes, and whether a request is lost. And rollbacks alone, from the request to the
// confirmed switch: to warm instances, and to such as have to start.
#include "bench/harness/pairs.hpp"
#include "bench/harness/processors.hpp"
#include "bench/harness/proxy_peer.hpp"
#include "bench/harness/server_under_test.hpp"
#include "bench/rows/rows.hpp"
#include "client/conversation/conversation.hpp"
#include "routers/haproxy/haproxy_admin.hpp"
#include "test/support/http_load.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>

#include <thread>

namespace pawl::bench::switch_row {

namespace {

using clock = std::chrono::system_clock; // the server's times are of it

constexpr auto app_name = "shop";

double milliseconds_between(clock::time_point begin, clock::time_point end) {
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

// Notes when the switch was durable, and when it began: the server records the latter in whole
// milliseconds, rounded down, so a switch may be measured up to one longer than it was.
class switch_observer : public client::observer {
public:
  void accepted(const deployment&) override {}
  void uploaded(std::uint64_t, std::uint64_t) override {}
  void seen(const std::string&, const event& what) override {
    if (const auto* step = std::get_if<progress_event>(&what.body);
        step != nullptr && step->step == "switch" && step->current == 0)
      begun_ = what.at;
    if (const auto* moved = std::get_if<state_event>(&what.body);
        moved != nullptr && moved->state == state::active)
      ended_ = clock::now();
  }
  void lost(const error& why) override { throw std::runtime_error(why.message); }
  void found_again() override {}
  void cancel_refused(const error&) override {}
  client::interrupt_choice interrupted(bool) override { return client::interrupt_choice::go_on; }

  double milliseconds() const { return milliseconds_between(begun_, ended_); }
  double milliseconds_since(clock::time_point asked) const {
    return milliseconds_between(asked, ended_);
  }

private:
  clock::time_point begun_;
  clock::time_point ended_;
};

struct switch_times {
  double of_request = 0; // to the confirmed switch
  double of_switch = 0;
};

struct routed_server {
  const workplace& place;
  std::string warm = "0s";
  std::filesystem::path directory = place.fresh("switch");
  std::uint16_t port = test::free_port();
  server_under_test server{
      place, pawld_plan(place, directory,
                        fmt::format("[cluster.local]\ndrain = \"200ms\"\nwatch_period = \"0s\"\n"
                                    "warm = \"{}\"\n",
                                    warm),
                        fmt::format("kind = \"haproxy\"\nlisten = \"127.0.0.1:{}\"\n", port))};
  unsigned requests = 0;

  // The app of the end-to-end tests: it loses no request when it is replaced.
  void deploy(const std::string& greeting) const {
    const auto app = directory / "app";
    test::write_text(app / "serve.pl",
                     test::read_text(PAWL_SOURCE_DIR "/test/end_to_end/app/serve.pl"));
    test::write_text(app / "pawl.toml",
                     fmt::format("app = \"{}\"\n[run]\ncommand = \"exec perl serve.pl\"\n"
                                 "env = {{ GREETING = \"{}\" }}\n[health]\npath = \"/healthz\"\n"
                                 "interval = \"20ms\"\nhealthy_threshold = 1\n",
                                 app_name, greeting));
    const auto cost = run_once({place.program("pawl").string(), "deploy", app.string(), "--server",
                                "unix:" + server.socket().string()},
                               {"HOME=/", "PATH=/usr/bin:/bin"});
    if (cost.status != 0)
      throw std::runtime_error(
          fmt::format("the deploy of {} ended with {}", greeting, cost.status));
  }

  switch_times switch_to(std::uint32_t version) {
    switch_observer heard;
    client::conversation talk{[this] {
                                return client::server_link::connect({{server.socket().string()}},
                                                                    limits::connect_timeout);
                              },
                              heard};
    protocol::rollback_request request;
    request.app = app_name;
    request.cluster = "local";
    request.request_id = fmt::format("switch-{}", ++requests);
    request.version = version_number{version};
    const auto asked = clock::now();
    const auto end = talk.start(protocol::message{request}, false);
    if (end.problem || !end.record || end.record->state != state::active)
      throw std::runtime_error("a switch failed: " +
                               (end.problem ? end.problem->message : "it is not active"));
    return {heard.milliseconds_since(asked), heard.milliseconds()};
  }

  double admin_ms() const {
    const haproxy_admin admin{server.data() / "router"};
    const auto begin = clock::now();
    expect(admin.ask("show info"));
    return milliseconds_between(begin, clock::now());
  }
};

// Other proxies switch between two backends under the same load: from the command to the first
// answer from the new one.
void measure_proxies(const workplace& place, std::size_t switches, case_report& report) {
  test::http_server one{"one"};
  test::http_server two{"two"};
  for (const auto& kind : proxy_kinds()) {
    if (!std::filesystem::exists(kind.program)) {
      report.notes.push_back(fmt::format("without {}: {} is missing; bench/peers/setup installs it",
                                         kind.name, kind.program));
      continue;
    }
    proxy_peer proxy{place, kind, one.port()};
    test::http_load load{{{"127.0.0.1", proxy.port(), "/"}, "shop.localhost"}};
    auto& times = report.samples[kind.name];
    for (std::size_t i = 0; i < switches; ++i)
      times.push_back(i % 2 == 0 ? proxy.switch_to(two.port(), "two")
                                 : proxy.switch_to(one.port(), "one"));
    const auto requests = load.finish();
    const auto theirs = spread_of(times);
    report.peers[kind.name] = theirs.median;
    report.ratios[kind.name] = {*report.ours / theirs.median, *report.ours / theirs.max,
                                *report.ours / theirs.min};
    report.counts["lost by " + kind.name] = static_cast<double>(requests.lost);
  }
}

// Without other load. Between two of them the drain passes, so that cold ones find nothing started.
case_report measure_rollbacks(const workplace& place, const std::string& name,
                              const std::string& warm, double most_ms) {
  routed_server on{place, warm};
  on.deploy("one");
  on.deploy("two");
  const std::size_t wanted = place.quick ? 6 : 40;
  std::vector<double> times;
  for (std::uint32_t i = 0; times.size() < wanted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    times.push_back(on.switch_to(1 + i % 2).of_request);
  }
  case_report report;
  report.row = "switch";
  report.name = name;
  report.unit = "ms";
  report.samples = {{our_name, times}};
  report.ours = spread_of(times).median;
  report.promised = {
      at_most(most_ms, "ms from the request to the confirmed switch", *report.ours, measure::time)};
  decide(report, false);
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const run_on every_processor{processors::all};
  const std::uint64_t wanted = place.quick ? 2000 : 100'000;
  routed_server on{place};
  on.deploy("one");
  on.deploy("two");
  test::load_plan plan;
  plan.url = {"127.0.0.1", on.port, "/"};
  plan.host = fmt::format("{}.localhost", app_name);
  test::http_load load{plan};
  std::vector<double> switches;
  std::vector<double> commands;
  const auto begin = clock::now();
  for (std::uint32_t i = 0; load.so_far() < wanted || switches.size() < 4; ++i) {
    switches.push_back(on.switch_to(1 + i % 2).of_switch);
    commands.push_back(on.admin_ms());
    if (clock::now() - begin > place.budget())
      break;
  }
  const auto requests = load.finish();
  const auto flushes = probe_floors(place.directory, std::chrono::milliseconds{100});
  case_report report;
  report.row = "switch";
  report.name = fmt::format("{} switches under load", switches.size());
  report.unit = "ms";
  report.samples = {{our_name, switches}, {"HAProxy's admin command", commands}};
  report.ours = spread_of(switches).median;
  const auto command = spread_of(commands).median;
  report.peers["HAProxy's admin command"] = command;
  report.floor = command + 2 * flushes.flush_p50_us / 1e3;
  report.counts = {{"requests", static_cast<double>(requests.requests)},
                   {"lost", static_cast<double>(requests.lost)},
                   {"not answered by the app",
                    static_cast<double>(requests.requests - requests.by_body.at("one") -
                                        requests.by_body.at("two"))},
                   {"request p99 ms", requests.percentile_ms(0.99)}};
  report.promised = {
      at_most(0, "requests lost", static_cast<double>(requests.lost), measure::count),
      at_least(static_cast<double>(wanted), "requests", static_cast<double>(requests.requests),
               measure::time),
      at_most(*report.floor + 5, "ms (the command, two flushes, and 5 ms)", *report.ours,
              measure::time)};
  measure_proxies(place, switches.size(), report);
  decide(report, false);
  return {report, measure_rollbacks(place, "warm rollback", "10m", 50),
          measure_rollbacks(place, "cold rollback", "0s", 200)};
}

} // namespace pawl::bench::switch_row
