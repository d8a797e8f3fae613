// The server is killed, and started again: how soon it answers, whether that depends on its
// history, and whether what was in flight comes to its end.
#include "bench/harness/pairs.hpp"
#include "bench/load/request_load.hpp"
#include "bench/rows/busy_server.hpp"
#include "bench/rows/rows.hpp"
#include "bench/server/seed.hpp"
#include "persistence/lmdb_store.hpp"

#include <fmt/format.h>

#include <set>

namespace pawl::bench::recovery_row {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto lmdb_open = "opening LMDB";

double ms_since(clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(clock::now() - begin).count();
}

std::string case_of(std::size_t records) {
  return fmt::format("{} in history", records);
}

// A real pawld with a history, which is killed for each measurement.
struct killed_server {
  std::size_t records;
  std::filesystem::path directory;
  std::unique_ptr<server_under_test> server;

  killed_server(const workplace& place, std::size_t many)
      : records(many), directory(place.fresh("recovery")) {
    const auto how = pawld_plan(place, directory);
    place.say(fmt::format("  filling a store with {} records …", many));
    seed_history(*expect(lmdb_store::open(directory / "data" / "store")), many);
    server = std::make_unique<server_under_test>(place, how);
  }

  // From the start of the process to the answer to a question about an app.
  double first_answer_ms() const {
    server->kill();
    const auto begin = clock::now();
    server->start();
    protocol::history_request question;
    question.app = seeded_lane(0).app;
    const auto answer = ask(*server->connect(), question);
    if (!std::holds_alternative<protocol::history_list>(answer))
      throw std::runtime_error("the first answer is no history");
    return ms_since(begin);
  }

  // What opening the same file takes.
  double open_ms() const {
    server->kill();
    const auto begin = clock::now();
    expect(lmdb_store::open(directory / "data" / "store"));
    const auto took = ms_since(begin);
    server->start();
    return took;
  }
};

std::vector<case_report> first_answers(const workplace& place) {
  std::vector<killed_server> servers;
  servers.emplace_back(place, 10'000);
  servers.emplace_back(place, place.quick ? 50'000 : 1'000'000);
  const auto each = [&](double (killed_server::*measure)() const) {
    figures found;
    for (const auto& one : servers)
      found[case_of(one.records)] = (one.*measure)();
    return found;
  };
  const auto outcome = run_pairs({{our_name, [&] { return each(&killed_server::first_answer_ms); }},
                                  {lmdb_open, [&] { return each(&killed_server::open_ms); }}},
                                 place.budget() / 2);
  std::vector<case_report> cases;
  for (const auto& one : servers) {
    auto [report, unsteady] = compare(outcome, "recovery", case_of(one.records), "ms");
    report.floor = report.peers.at(lmdb_open);
    report.promised = {at_most(3 * *report.floor + 100, "ms (3 times opening LMDB, and 100 ms)",
                               *report.ours, measure::time)};
    if (!cases.empty())
      report.promised.push_back(at_most(1.2, "times that of " + cases.front().name,
                                        *report.ours / *cases.front().ours, measure::time));
    decide(report, unsteady);
    cases.push_back(std::move(report));
  }
  return cases;
}

// How many of the deployments have become active by now, and how many there are.
struct settled_count {
  std::size_t known = 0;
  std::size_t active = 0;
};

settled_count count_settled(client::server_link& link, const std::set<std::string>& accepted) {
  settled_count count;
  protocol::history_request request;
  request.limit = static_cast<std::uint32_t>(limits::history_page_max);
  do {
    const auto answer = ask(link, request);
    const auto* page = std::get_if<protocol::history_list>(&answer);
    if (page == nullptr)
      throw std::runtime_error("no history");
    for (const auto& d : page->deployments)
      if (accepted.contains(d.id)) {
        ++count.known;
        count.active += was_active(d.state) ? 1 : 0;
      }
    request.cursor = page->next_cursor;
  } while (request.cursor);
  return count;
}

std::set<std::string> deploy_all(client::server_link& link, std::size_t lanes) {
  std::set<std::string> accepted;
  for (std::size_t n = 0; n < lanes; ++n) {
    const auto answer = ask(link, deploy_of(fmt::format("app-{}", n), fmt::format("id-{}", n)));
    if (const auto* good = std::get_if<protocol::accepted>(&answer))
      accepted.insert(good->deployment.id);
  }
  return accepted;
}

// Many deployments are in flight when the server is killed; all of them have to become active.
case_report in_flight(const workplace& place) {
  constexpr auto build = std::chrono::milliseconds{5};
  const std::size_t many = place.quick ? 100 : 1000;
  server_under_test server{place,
                           timed_server_plan_in(place, place.fresh("in-flight"), {.build = build})};
  const auto accepted = deploy_all(*server.connect(), many);
  server.kill();
  const auto begin = clock::now();
  server.start();
  const auto link = server.connect();
  const auto first_ms = ms_since(begin);
  settled_count count;
  test::eventually([&] {
    count = count_settled(*link, accepted);
    return count.active == accepted.size();
  });
  const auto took = ms_since(begin);
  const auto builds = static_cast<double>(many * static_cast<std::size_t>(build.count())) /
                      static_cast<double>(limits::builds_at_once);
  case_report report;
  report.row = "recovery";
  report.name = fmt::format("{} in flight, until all have settled", many);
  report.unit = "ms";
  report.ours = took;
  report.floor = builds;
  report.counts = {{"first answer ms", first_ms},
                   {"accepted", static_cast<double>(accepted.size())},
                   {"lost", static_cast<double>(accepted.size() - count.known)},
                   {"not active", static_cast<double>(accepted.size() - count.active)}};
  report.promised = {
      at_most(0, "accepted deployments lost", report.counts["lost"], measure::count),
      at_most(0, "accepted deployments not active", report.counts["not active"], measure::count),
      at_most(builds + 2000, "ms (the builds, and 2 s)", took, measure::time)};
  decide(report, false);
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  auto cases = first_answers(place);
  cases.push_back(in_flight(place));
  return cases;
}

} // namespace pawl::bench::recovery_row
