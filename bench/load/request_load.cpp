#include "bench/load/request_load.hpp"

#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;

// One client: what it has asked and not heard of yet, and what it has heard.
class asking_client {
public:
  asking_client(client::server_link& link, const request_plan& plan, std::size_t client)
      : link_(link), plan_(plan), client_(client) {}

  // Each waits for the answer to the one before.
  void run_closed(clock::time_point begin) {
    const auto end = begin + plan_.time;
    while (clock::now() < end) {
      send(clock::now());
      while (!waiting_.empty())
        receive(limits::request_timeout);
    }
  }

  // Each is sent at its time, and then the last answers are awaited.
  void run_open(clock::time_point begin) {
    const auto clients = static_cast<double>(plan_.clients);
    const std::chrono::duration<double> interval{clients / plan_.rate};
    const auto time_of = [&](std::size_t number) {
      const auto place = static_cast<double>(number) + static_cast<double>(client_) / clients;
      return begin + std::chrono::duration_cast<clock::duration>(interval * place);
    };
    const auto end = begin + plan_.time;
    while (time_of(sent_) < end) {
      const auto intended = time_of(sent_);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(intended - clock::now());
      if (left.count() > 0) {
        receive(left);
        continue;
      }
      send(intended);
      while (receive(std::chrono::milliseconds{0})) {
      }
    }
    while (!waiting_.empty())
      receive(limits::request_timeout);
  }

  const request_tally& tally() const { return tally_; }

private:
  void send(clock::time_point intended) {
    const auto ref = link_.send(plan_.make(client_, sent_++));
    if (!ref)
      throw std::runtime_error(ref.error().message);
    waiting_[*ref] = intended;
  }

  // False at the end of the patience.
  bool receive(std::chrono::milliseconds patience) {
    const auto got = link_.receive(patience);
    if (!got) {
      if (got.error().code == errc::timed_out && patience < limits::request_timeout)
        return false;
      throw std::runtime_error(got.error().message);
    }
    const auto asked = waiting_.find(got->ref);
    if (asked == waiting_.end())
      return true;
    const auto took = static_cast<std::uint64_t>((clock::now() - asked->second).count());
    waiting_.erase(asked);
    if (const auto* refusal = std::get_if<protocol::refused>(&got->body)) {
      tally_.refusals.add(took);
      if (tally_.refusal.empty())
        tally_.refusal = refusal->error.message;
    } else {
      tally_.latencies.add(took);
    }
    return true;
  }

  client::server_link& link_;
  const request_plan& plan_;
  std::size_t client_;
  std::size_t sent_ = 0;
  std::map<std::uint64_t, clock::time_point> waiting_; // by ref: when it was to be sent
  request_tally tally_;
};

} // namespace

protocol::message ask(client::server_link& link, protocol::message request) {
  auto ref = link.send(std::move(request));
  if (!ref)
    throw std::runtime_error(ref.error().message);
  for (;;) {
    auto got = link.receive(limits::request_timeout);
    if (!got)
      throw std::runtime_error(got.error().message);
    if (got->ref == *ref)
      return std::move(got->body);
  }
}

request_tally send_requests(const request_plan& plan) {
  std::vector<std::unique_ptr<client::server_link>> links;
  for (std::size_t client = 0; client < plan.clients; ++client) {
    auto link = client::server_link::connect({plan.socket}, limits::connect_timeout);
    if (!link)
      throw std::runtime_error(link.error().message);
    links.push_back(std::move(*link));
  }
  std::mutex mutex;
  request_tally total;
  std::string problem;
  const auto begin = clock::now();
  {
    std::vector<std::jthread> threads;
    for (std::size_t client = 0; client < plan.clients; ++client)
      threads.emplace_back([&, client] {
        asking_client mine{*links[client], plan, client};
        std::string failure;
        try {
          if (plan.rate > 0)
            mine.run_open(begin);
          else
            mine.run_closed(begin);
        } catch (const std::exception& failed) {
          failure = failed.what();
        }
        const std::lock_guard lock{mutex};
        total.latencies.add(mine.tally().latencies);
        total.refusals.add(mine.tally().refusals);
        if (total.refusal.empty())
          total.refusal = mine.tally().refusal;
        if (!failure.empty())
          problem = failure;
      });
  }
  if (!problem.empty())
    throw std::runtime_error(problem);
  total.seconds = std::chrono::duration<double>(clock::now() - begin).count();
  return total;
}

} // namespace pawl::bench
