// The cost of TLS: beside OpenSSL alone on the loopback, and beside the unix socket of the same
// server.
#include "bench/harness/pairs.hpp"
#include "bench/harness/raw_tls.hpp"
#include "bench/load/request_load.hpp"
#include "bench/rows/app.hpp"
#include "bench/rows/rows.hpp"
#include "bench/rows/upload_load.hpp"
#include "test/support/http_server.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <functional>
#include <thread>

namespace pawl::bench::network_row {

namespace {

using clock = std::chrono::steady_clock;

// A pawld that other machines reach, as `pawld --init` sets it up.
class remote_server {
public:
  explicit remote_server(const workplace& place) : remote_server(place, place.fresh("network")) {}

  const server_under_test& server() const { return *server_; }
  std::uint16_t port() const { return port_; }
  client::known_server over_the_socket() const { return {{server_->socket().string()}}; }
  client::known_server over_tls() const {
    client::known_server known{{{}, "127.0.0.1", port_},
                               made_.at("fingerprint").get<std::string>()};
    known.token = secret{made_.at("token").get<std::string>()};
    return known;
  }

private:
  remote_server(const workplace& place, const std::filesystem::path& directory)
      : port_(test::free_port()) {
    const auto home = directory / "server";
    const auto pawld = place.program("pawld").string();
    test::program making{{.arguments = {pawld, "--init", home.string(), "--listen",
                                        fmt::format("127.0.0.1:{}", port_), "--json"},
                          .directory = directory,
                          .out = directory / "init.out",
                          .err = directory / "init.err"}};
    const auto end = making.wait();
    if (end.status != 0)
      throw std::runtime_error("pawld --init fails: " + end.err);
    made_ = nlohmann::json::parse(end.out);
    const auto config = home / "pawld.toml";
    auto text = test::read_text(config);
    constexpr std::string_view router = "[router]\n";
    text.insert(text.find(router) + router.size(), "kind = \"none\"\n");
    test::write_text(
        config, text + "watch_period = \"0s\"\ndrain = \"0s\"\nwarm = \"0s\"\n"); // [cluster.local]
    server_.emplace(place, server_plan{home, {pawld, "--config", config.string()}});
    // It listens at the port a moment later than at the socket.
    if (!test::eventually([this] { return shake_hands_and_leave(port_); }))
      throw std::runtime_error("pawld does not listen for the network:\n" + server_->log());
  }

  std::uint16_t port_;
  nlohmann::json made_;
  std::optional<server_under_test> server_;
};

std::unique_ptr<client::server_link> connect(const client::known_server& server) {
  return expect(client::server_link::connect(server, limits::connect_timeout));
}

double seconds_since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

case_report upload(const workplace& place) {
  constexpr auto raw_name = "OpenSSL alone";
  constexpr auto socket_name = "over the socket";
  const std::size_t megabytes = place.quick ? 50 : 200;
  const auto name = fmt::format("an upload of {} MB", megabytes);
  const auto source = make_big_source(place, megabytes);
  raw_tls raw;
  const auto send = [&](const auto& address_of) {
    const remote_server remote{place};
    upload_observer heard{clock::now()};
    send_source(address_of(remote), source, heard);
    return figures{{name, source.megabytes() / heard.seconds_to_receive()}};
  };
  const auto outcome =
      run_pairs({{our_name, [&] { return send(std::mem_fn(&remote_server::over_tls)); }},
                 {socket_name, [&] { return send(std::mem_fn(&remote_server::over_the_socket)); }},
                 {raw_name,
                  [&] {
                    return figures{{name, source.megabytes() /
                                              raw.seconds_to_send(source.packed.facts.bytes)}};
                  }}},
                place.budget() / 2);
  auto [report, unsteady] = compare(outcome, "network", name, "MB/s");
  report.floor = report.peers.at(raw_name);
  report.promised = {
      at_least(0.7, "times OpenSSL alone", report.ratios.at(raw_name).median, measure::time),
      // A source is digested as it comes, over the socket too: this is what TLS itself takes.
      at_least(0.7, "times over the socket", report.ratios.at(socket_name).median, measure::time)};
  decide(report, unsteady);
  return report;
}

double status_us(const client::known_server& server, std::size_t times) {
  std::vector<double> each;
  for (std::size_t i = 0; i < times; ++i) {
    const auto begin = clock::now();
    const auto link = connect(server);
    ask(*link, protocol::status_request{});
    each.push_back(seconds_since(begin) * 1e6);
  }
  return spread_of(each).median;
}

case_report status(const workplace& place) {
  constexpr auto name = "a status, with its connection";
  constexpr auto socket_name = "over the socket";
  constexpr auto handshake_name = "OpenSSL alone";
  constexpr std::size_t times = 50;
  const remote_server remote{place};
  raw_tls raw;
  const auto outcome =
      run_pairs({{our_name,
                  [&] {
                    return figures{{name, status_us(remote.over_tls(), times)}};
                  }},
                 {socket_name,
                  [&] {
                    return figures{{name, status_us(remote.over_the_socket(), times)}};
                  }},
                 {handshake_name,
                  [&] {
                    std::vector<double> each;
                    for (std::size_t i = 0; i < times; ++i)
                      each.push_back(raw.seconds_to_shake_hands() * 1e6);
                    return figures{{name, spread_of(each).median}};
                  }}},
                place.budget() / 4);
  auto [report, unsteady] = compare(outcome, "network", name, "us, p50");
  const auto handshake = report.peers.at(handshake_name);
  report.floor = report.peers.at(socket_name) + handshake;
  report.promised = {at_most(1.5 * report.peers.at(socket_name) + handshake,
                             "us (1.5 times the socket's, and a handshake)", *report.ours,
                             measure::time)};
  report.notes.push_back("each connection has a whole handshake: pawld resumes no sessions");
  decide(report, unsteady);
  return report;
}

case_report idle_clients(const workplace& place) {
  const std::size_t clients = place.quick ? 200 : 1000;
  const remote_server remote{place};
  std::vector<std::unique_ptr<client::server_link>> links;
  const auto known = remote.over_tls();
  links.push_back(connect(known)); // what the first one needs is for all
  const auto before = remote.server().usage().resident_kib;
  for (std::size_t i = 0; i < clients; ++i)
    links.push_back(connect(known));
  const auto after = remote.server().usage().resident_kib;
  case_report report;
  report.row = "network";
  report.name = fmt::format("{} idle clients", clients);
  report.unit = "KiB each";
  report.ours =
      (static_cast<double>(after) - static_cast<double>(before)) / static_cast<double>(clients);
  report.promised = {at_most(100, "KiB of the server each", *report.ours, measure::count)};
  decide(report, false);
  return report;
}

// Begins handshakes at a fixed rate until the end.
class handshake_load {
public:
  handshake_load(std::uint16_t port, unsigned rate)
      : thread_([this, port, rate](const std::stop_token& stop) {
          auto next = clock::now();
          for (; !stop.stop_requested(); next += std::chrono::nanoseconds{std::nano::den / rate}) {
            std::this_thread::sleep_until(next);
            done_ += shake_hands_and_leave(port) ? 1 : 0;
          }
        }) {}
  std::size_t done() const { return done_; }

private:
  std::atomic<std::size_t> done_ = 0;
  std::jthread thread_;
};

// Deploys of one app, each with another source, from the request to the end of the deployment.
class deploys {
public:
  deploys(const workplace& place, const remote_server& remote)
      : directory_(place.fresh("network-app")), server_(remote.over_tls()) {
    write_app(directory_, {.name = "small"});
  }

  double milliseconds() {
    test::write_text(directory_ / "number", std::to_string(++number_));
    const auto packed = expect(packing::pack(directory_));
    client::upload wanted;
    wanted.request.app = "small";
    wanted.request.request_id = fmt::format("deploy-{}", number_);
    wanted.request.source = packed.facts;
    wanted.file = packed.file.get();
    const auto begin = clock::now();
    upload_observer heard{begin};
    client::conversation talk{[this] { return expect_link(); }, heard};
    const auto end = talk.deploy(wanted, false);
    if (!end.record || end.record->state != state::active)
      throw std::runtime_error("a deploy failed: " +
                               (end.problem ? end.problem->message : "it is not active"));
    return seconds_since(begin) * 1e3;
  }

private:
  result<std::unique_ptr<client::server_link>> expect_link() const {
    return client::server_link::connect(server_, limits::connect_timeout);
  }

  std::filesystem::path directory_;
  client::known_server server_;
  unsigned number_ = 0;
};

case_report beside_handshakes(const workplace& place) {
  constexpr auto name = "a deploy beside 200 handshakes a second";
  constexpr auto quiet_name = "without them";
  constexpr unsigned rate = 200;
  const std::size_t times = place.quick ? 3 : 10;
  const remote_server remote{place};
  deploys each{place, remote};
  each.milliseconds(); // the first makes what the others find
  std::size_t shaken = 0;
  double load_seconds = 0;
  const auto median = [&] {
    std::vector<double> all;
    for (std::size_t i = 0; i < times; ++i)
      all.push_back(each.milliseconds());
    return figures{{name, spread_of(all).median}};
  };
  const auto outcome = run_pairs({{our_name,
                                   [&] {
                                     const auto begin = clock::now();
                                     const handshake_load load{remote.port(), rate};
                                     auto found = median();
                                     shaken += load.done();
                                     load_seconds += seconds_since(begin);
                                     return found;
                                   }},
                                  {quiet_name, median}},
                                 place.budget() / 4);
  auto [report, unsteady] = compare(outcome, "network", name, "ms, p50");
  report.counts["handshakes/s"] = static_cast<double>(shaken) / load_seconds;
  report.promised = {
      at_most(2, "times without them", report.ratios.at(quiet_name).median, measure::time),
      at_least(0.9 * rate, "handshakes a second", report.counts.at("handshakes/s"), measure::time)};
  decide(report, unsteady);
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  const run_on every_processor{processors::all};
  return {upload(place), status(place), idle_clients(place), beside_handshakes(place)};
}

} // namespace pawl::bench::network_row
