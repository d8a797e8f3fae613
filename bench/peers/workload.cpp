#include "bench/peers/workload.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <barrier>
#include <chrono>
#include <ctime>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;

struct tally {
  histogram latencies; // nanoseconds
  std::string problem;
};

std::string lane_with_a_page(std::size_t number) {
  constexpr std::size_t largest = 20; // lanes; each has more than a page of the smallest set
  return "app-" + std::to_string(number % largest);
}

void work(peer_session& session, const peer_plan& plan, std::size_t client, clock::time_point end,
          histogram& latencies) {
  enum class work { accept, transition, page };
  static const std::map<std::string, work> names{
      {"accept", work::accept}, {"transition", work::transition}, {"page", work::page}};
  const auto wanted = names.at(plan.workload);
  for (std::size_t number = 1; clock::now() < end; ++number) {
    const auto begin = clock::now();
    if (wanted == work::accept)
      session.accept(client, number);
    else if (wanted == work::page)
      session.page(lane_with_a_page(number));
    else
      session.transition(client, number);
    latencies.add(static_cast<std::uint64_t>((clock::now() - begin).count()));
  }
}

// All clients are connected before the first begins.
tally run_clients(const peer_plan& plan, const peer& with) {
  tally total;
  std::mutex mutex;
  std::barrier connected(static_cast<std::ptrdiff_t>(plan.clients));
  std::vector<std::jthread> threads;
  for (std::size_t client = 0; client < plan.clients; ++client)
    threads.emplace_back([&, client] {
      histogram mine;
      std::string problem;
      bool waited = false;
      try {
        const auto session = with.connect(plan);
        waited = true;
        connected.arrive_and_wait();
        const auto end = clock::now() + std::chrono::milliseconds{plan.milliseconds};
        work(*session, plan, client, end, mine);
      } catch (const std::exception& failed) {
        problem = failed.what();
        if (!waited)
          connected.arrive_and_drop();
      }
      const std::lock_guard lock{mutex};
      total.latencies.add(mine);
      if (!problem.empty())
        total.problem = problem;
    });
  threads.clear();
  return total;
}

void print(const tally& total, double seconds) {
  constexpr double nanoseconds = 1000; // of a microsecond
  const auto microseconds = [&](double share) {
    return static_cast<double>(total.latencies.at(share)) / nanoseconds;
  };
  nlohmann::ordered_json json;
  json["operations"] = total.latencies.count();
  json["seconds"] = seconds;
  json["cpu_seconds"] = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  json["p50_us"] = microseconds(0.5);
  json["p99_us"] = microseconds(0.99);
  std::cout << json.dump() << std::endl;
}

} // namespace

void peer_session::page(const std::string&) {
  throw std::runtime_error("it is not asked for pages");
}

int drive(int argc, char** argv, const peer& with) {
  CLI::App program{"Asks a store to do what Pawl's store does"};
  peer_plan plan;
  bool prepare = false;
  program.add_option("--address", plan.address)->required();
  program.add_option("--workload", plan.workload)->required();
  program.add_option("--clients", plan.clients);
  program.add_option("--ms", plan.milliseconds);
  program.add_option("--records", plan.records, "To prepare, for pages");
  program.add_flag("--prepare", prepare, "Make the tables and the lanes, and nothing else");
  CLI11_PARSE(program, argc, argv);
  try {
    if (prepare) {
      with.prepare(plan);
      return 0;
    }
    if (const auto own = with.own.find(plan.workload); own != with.own.end()) {
      own->second(plan);
      return 0;
    }
    const auto total = run_clients(plan, with);
    if (!total.problem.empty())
      throw std::runtime_error(total.problem);
    print(total, plan.milliseconds / 1e3);
  } catch (const std::exception& failed) {
    std::cerr << failed.what() << '\n';
    return 1;
  }
  return 0;
}

} // namespace pawl::bench
