// The server is killed, and started again: how soon it answers, whether that depends on its
// history, and whether what was in flight comes to its end.
#include "bench/harness/pairs.hpp"
#include "bench/load/request_load.hpp"
#include "bench/rows/busy_server.hpp"
#include "bench/rows/rows.hpp"
#include "bench/server/seed.hpp"
#include "persistence/lmdb/lmdb_store.hpp"

#include <fmt/format.h>

#include <algorithm>
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

// About an app; the store alone can answer it.
protocol::message question() {
  protocol::history_request about;
  about.app = seeded_lane(0).app;
  return about;
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
    const auto answer = ask(*server->connect(), question());
    if (!std::holds_alternative<protocol::history_list>(answer))
      throw std::runtime_error("the first answer is no history");
    return ms_since(begin);
  }

  // The time to open the same file.
  double open_ms() const {
    server->kill();
    const auto begin = clock::now();
    expect(lmdb_store::open(directory / "data" / "store"));
    const auto took = ms_since(begin);
    server->start();
    return took;
  }
};

std::vector<case_report> first_answers(const workplace& place,
                                       const std::vector<killed_server>& servers) {
  const auto each = [&](double (killed_server::*measure)() const) {
    figures found;
    for (const auto& one : servers)
      found[case_of(one.records)] = (one.*measure)();
    return found;
  };
  const auto outcome = run_pairs({{our_name, [&] { return each(&killed_server::first_answer_ms); }},
                                  {lmdb_open, [&] { return each(&killed_server::open_ms); }}},
                                 place.budget() / 5); // filling the store takes most of the row
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

// Deployments that were in flight when the server was killed, of clients that are gone.
class deployments_in_flight {
public:
  // Deploys each of so many apps, whose names are new to this store.
  deployments_in_flight(client::server_link& link, std::size_t many, std::size_t history) {
    for (std::size_t n = 0; n < many; ++n) {
      const auto name = fmt::format("app-{}-{}-{}", history, many, n);
      requests_.push_back(deploy_of(name, "id-" + name));
      ids_.push_back(accepted_id(link, requests_.back()));
      open_.insert(ids_.back());
    }
  }

  // Asks for those that were not active yet.
  bool all_active(client::server_link& link) {
    std::erase_if(open_, [&](const std::string& id) {
      const auto answer = ask(link, protocol::show_request{id});
      const auto* known = std::get_if<protocol::shown>(&answer);
      return known != nullptr && was_active(known->deployment.state);
    });
    return open_.empty();
  }

  // The number of accepted deployments that the server does not know.
  double lost(client::server_link& link) const {
    return count(
        link, [](const auto& answer) { return !std::holds_alternative<protocol::shown>(answer); });
  }

  // The same request again began another deployment.
  double doubled(client::server_link& link) const {
    std::size_t others = 0;
    for (std::size_t n = 0; n < ids_.size(); ++n)
      others += accepted_id(link, requests_[n]) == ids_[n] ? 0U : 1U;
    return static_cast<double>(others);
  }

  double not_active() const { return static_cast<double>(open_.size()); }

private:
  static std::string accepted_id(client::server_link& link, const protocol::message& request) {
    const auto answer = ask(link, request);
    const auto* good = std::get_if<protocol::accepted>(&answer);
    if (good == nullptr)
      throw std::runtime_error("a deploy was refused");
    return good->deployment.id;
  }

  template <class Bad>
  double count(client::server_link& link, Bad bad) const {
    std::size_t found = 0;
    for (const auto& id : ids_)
      found += bad(ask(link, protocol::show_request{id})) ? 1U : 0U;
    return static_cast<double>(found);
  }

  std::vector<protocol::message> requests_;
  std::vector<std::string> ids_;
  std::set<std::string> open_;
};

double orphaned(client::server_link& link, const std::filesystem::path& survivors) {
  const auto all = surviving_instances(survivors);
  return static_cast<double>(std::count_if(all.begin(), all.end(), [&](const instance& one) {
    const auto answer = ask(link, protocol::show_request{one.deployment});
    const auto* known = std::get_if<protocol::shown>(&answer);
    return known == nullptr || known->deployment.state != state::active;
  }));
}

// Many deployments are in flight when the server is killed; all of them have to become active. The
// builds take a fixed time; what is measured is everything else.
case_report in_flight(const workplace& place, const killed_server& past, std::size_t many) {
  constexpr auto build = std::chrono::milliseconds{5};
  const auto survivors = past.directory / "instances";
  std::filesystem::create_directories(survivors);
  server_under_test server{
      place, timed_server_plan_in(place, past.directory, {.build = build, .survivors = survivors})};
  deployments_in_flight all{*server.connect(), many, past.records};
  server.kill();
  const auto opening = clock::now();
  expect(lmdb_store::open(past.directory / "data" / "store"));
  const auto open_ms = ms_since(opening);
  const auto begin = clock::now();
  server.start();
  const auto link = server.connect();
  ask(*link, question());
  const auto first_ms = ms_since(begin);
  test::eventually([&] { return all.all_active(*link); });
  const auto took = ms_since(begin);
  const auto builds = static_cast<double>(many * static_cast<std::size_t>(build.count())) /
                      static_cast<double>(limits::builds_at_once);
  case_report report;
  report.row = "recovery";
  report.name =
      fmt::format("{} in flight, {} in history, until all have settled", many, past.records);
  report.unit = "ms";
  report.ours = took;
  report.floor = builds;
  report.counts = {{"first answer ms", first_ms},
                   {"opening LMDB ms", open_ms},
                   {"lost", all.lost(*link)},
                   {"doubled", all.doubled(*link)},
                   {"orphaned", orphaned(*link, survivors)},
                   {"not active", all.not_active()}};
  report.promised = {at_most(0, "accepted deployments lost", report.counts["lost"], measure::count),
                     at_most(0, "of them begun twice", report.counts["doubled"], measure::count),
                     at_most(0, "instances that no active deployment owns",
                             report.counts["orphaned"], measure::count),
                     at_most(0, "of them not active", report.counts["not active"], measure::count),
                     at_most(3 * open_ms + 100,
                             "ms to the first answer (3 times opening LMDB, and 100 ms)", first_ms,
                             measure::time),
                     at_most(builds + 2000, "ms (the builds, and 2 s)", took, measure::time)};
  decide(report, false);
  return report;
}

} // namespace

std::vector<case_report> run(const workplace& place) {
  std::vector<killed_server> servers;
  servers.emplace_back(place, 10'000);
  servers.emplace_back(place, place.quick ? 50'000 : 1'000'000);
  auto cases = first_answers(place, servers);
  const auto counts =
      place.quick ? std::vector<std::size_t>{1, 100} : std::vector<std::size_t>{1, 10, 100, 1000};
  for (auto& one : servers) {
    one.server.reset();
    for (const auto many : counts)
      cases.push_back(in_flight(place, one, many));
  }
  return cases;
}

} // namespace pawl::bench::recovery_row
