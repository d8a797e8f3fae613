#include "bench/load/request_load.hpp"

#include "bench/load/poller.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;

// One client: its open requests, and the answers that it got. To be used by one thread.
class asking_client {
public:
  asking_client(const request_plan& plan, std::size_t number) : plan_(plan), number_(number) {
    auto link = client::server_link::connect({{plan.socket}}, limits::connect_timeout);
    if (!link)
      throw std::runtime_error(link.error().message);
    link_ = std::move(*link);
  }

  bool is_waiting() const { return !waiting_.empty(); }
  int ready_descriptor() const { return link_->ready_descriptor(); }
  const request_tally& tally() const { return tally_; }

  void send(clock::time_point intended) {
    const auto ref = link_->send(plan_.make(number_, sent_++));
    if (!ref)
      throw std::runtime_error(ref.error().message);
    waiting_[*ref] = intended;
  }

  // False at the end of the patience.
  bool receive(std::chrono::milliseconds patience) {
    const auto got = link_->receive(patience);
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

private:
  const request_plan& plan_;
  std::size_t number_;
  std::unique_ptr<client::server_link> link_;
  std::size_t sent_ = 0;
  std::map<std::uint64_t, clock::time_point> waiting_; // by ref: when it was to be sent
  request_tally tally_;
};

using asking_clients = std::vector<std::unique_ptr<asking_client>>;

// Each waits for the answer to the one before, in a thread of its own, as those of the peers do.
void send_closed(asking_clients& clients, clock::time_point end) {
  std::mutex mutex;
  std::exception_ptr failure;
  {
    std::vector<std::jthread> threads;
    for (auto& client : clients)
      threads.emplace_back([&, one = client.get()] {
        try {
          while (clock::now() < end) {
            one->send(clock::now());
            while (one->is_waiting())
              one->receive(limits::request_timeout);
          }
        } catch (const std::exception&) {
          const std::lock_guard lock{mutex};
          failure = std::current_exception();
        }
      });
  }
  if (failure)
    std::rethrow_exception(failure);
}

// Each is sent at its time, by one client after another, and then the last answers are awaited. All
// in one thread: many would wait for a processor when it is their time.
void send_open(asking_clients& clients, double rate, clock::time_point begin,
               clock::time_point end) {
  const poller ready;
  for (std::size_t i = 0; i < clients.size(); ++i)
    ready.add(clients[i]->ready_descriptor(), i);
  const std::chrono::duration<double> interval{1 / rate};
  const auto time_of = [&](std::size_t number) {
    return begin +
           std::chrono::duration_cast<clock::duration>(interval * static_cast<double>(number));
  };
  const auto hear = [&](clock::duration patience) {
    bool heard = false;
    ready.wait(patience, [&](std::size_t client) {
      heard = true;
      while (clients[client]->receive(std::chrono::milliseconds{0})) {
      }
    });
    return heard;
  };
  for (std::size_t sent = 0; time_of(sent) < end;) {
    const auto left = time_of(sent) - clock::now();
    if (left <= clock::duration::zero()) {
      clients[sent % clients.size()]->send(time_of(sent));
      ++sent;
    }
    hear(std::max(left, clock::duration::zero()));
  }
  while (std::any_of(clients.begin(), clients.end(),
                     [](const auto& client) { return client->is_waiting(); }))
    if (!hear(limits::request_timeout))
      throw std::runtime_error("the server does not answer");
}

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
  asking_clients clients;
  for (std::size_t number = 0; number < plan.clients; ++number)
    clients.push_back(std::make_unique<asking_client>(plan, number));
  const auto begin = clock::now();
  if (plan.rate > 0)
    send_open(clients, plan.rate, begin, begin + plan.time);
  else
    send_closed(clients, begin + plan.time);
  request_tally total;
  total.seconds = std::chrono::duration<double>(clock::now() - begin).count();
  for (const auto& client : clients) {
    total.latencies.add(client->tally().latencies);
    total.refusals.add(client->tally().refusals);
    if (total.refusal.empty())
      total.refusal = client->tally().refusal;
  }
  return total;
}

} // namespace pawl::bench
