#include "test/support/http_load.hpp"

#include <algorithm>

namespace pawl::test {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t bodies_max = 1000;
constexpr auto response_timeout = std::chrono::seconds{30};
// After a request without a response: a dead server is not asked a hundred thousand times.
constexpr auto pause_after_loss = std::chrono::milliseconds{10};

void count_body(load_report& report, const std::string& body, std::uint64_t times) {
  const auto line = body.substr(0, body.find('\n'));
  const bool room = report.by_body.size() < bodies_max || report.by_body.contains(line);
  report.by_body[room ? line : "(others)"] += times;
}

} // namespace

double load_report::percentile_ms(double share) const {
  if (microseconds.empty())
    return 0;
  const auto index = static_cast<std::size_t>(share * static_cast<double>(microseconds.size() - 1));
  return microseconds[index] / 1000.0;
}

http_load::http_load(load_plan plan) : plan_(std::move(plan)) {
  const auto begin = [this](unsigned clients, const std::string& path) {
    for (unsigned i = 0; i < clients; ++i)
      threads_.emplace_back(
          [this, path, &ended = of_each_.emplace_back(0)](const std::stop_token& stop) {
            ask_without_pause(path, ended, stop);
          });
  };
  begin(plan_.clients, plan_.url.path);
  begin(plan_.slow_clients, plan_.slow_path);
}

void http_load::ask_without_pause(const std::string& path, std::atomic<std::uint64_t>& ended,
                                  const std::stop_token& stop) {
  http_client client(plan_.url.ip, plan_.url.port);
  load_report mine;
  while (!stop.stop_requested()) {
    const auto asked = clock::now();
    const auto response = client.get(plan_.host, path, response_timeout);
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - asked).count();
    ++mine.requests;
    ++mine.statuses[response ? response->status : 0];
    ++(response && response->status < 500 ? mine.ok : mine.lost);
    if (response) {
      count_body(mine, response->body, 1);
      mine.microseconds.push_back(static_cast<std::uint32_t>(took));
    }
    ++ended;
    if (!response)
      std::this_thread::sleep_for(pause_after_loss);
  }
  add(mine);
}

void http_load::add(const load_report& part) {
  const std::lock_guard lock(mutex_);
  total_.requests += part.requests;
  total_.ok += part.ok;
  total_.lost += part.lost;
  for (const auto& [body, times] : part.by_body)
    count_body(total_, body, times);
  for (const auto& [status, times] : part.statuses)
    total_.statuses[status] += times;
  total_.microseconds.insert(total_.microseconds.end(), part.microseconds.begin(),
                             part.microseconds.end());
}

load_report http_load::finish() {
  for (auto& thread : threads_)
    thread.request_stop();
  threads_.clear();
  std::sort(total_.microseconds.begin(), total_.microseconds.end());
  return std::move(total_);
}

} // namespace pawl::test
