// http_load: requests one URL with many keep-alive clients, and prints the outcome of all requests
// as JSON. `lost` counts requests without a complete response, or with a status of 500 or more.
#include "test/support/http_load.hpp"

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

using namespace std::chrono_literals;

std::atomic<bool> interrupted = false; // by a signal: finish, and print what there is

void print(const pawl::test::load_report& report) {
  nlohmann::ordered_json json;
  json["requests"] = report.requests;
  json["ok"] = report.ok;
  json["lost"] = report.lost;
  json["by_body"] = report.by_body;
  json["statuses"] = nlohmann::ordered_json::object();
  for (const auto& [status, times] : report.statuses)
    json["statuses"][status == 0 ? "none" : std::to_string(status)] = times;
  json["p50_ms"] = report.percentile_ms(0.5);
  json["p99_ms"] = report.percentile_ms(0.99);
  json["max_ms"] = report.percentile_ms(1);
  std::cout << json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

void wait_for_end(double seconds, const std::string& until_file) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!interrupted && std::chrono::steady_clock::now() < end &&
         (until_file.empty() || !std::filesystem::exists(until_file)))
    std::this_thread::sleep_for(20ms);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app("Asks one URL with many keep-alive clients and counts what is lost");
  std::string url;
  std::string until_file;
  double seconds = 0;
  pawl::test::load_plan plan;
  app.add_option("--url", url, "http://IP:PORT/PATH")->required();
  app.add_option("--host", plan.host, "the Host header")->required();
  app.add_option("--clients", plan.clients, "keep-alive clients that ask without pause");
  auto* slow = app.add_option("--slow-path", plan.slow_path, "asked by clients of their own");
  app.add_option("--slow-clients", plan.slow_clients, "how many")->needs(slow);
  app.add_option("--seconds", seconds, "how long; default 10, with --until-file at most, 3600");
  app.add_option("--until-file", until_file, "ends when this file exists");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  try {
    plan.url = pawl::test::http_url::parse(url);
    pawl::test::http_load load(plan);
    wait_for_end(seconds > 0 ? seconds : until_file.empty() ? 10 : 3600, until_file);
    print(load.finish());
  } catch (const std::exception& failed) {
    std::cerr << "http_load: " << failed.what() << '\n';
    return 2;
  }
  return 0;
}
