#include "bench/load/deploy_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace pawl::bench {

namespace {

using clock = std::chrono::steady_clock;

// One connection and its lanes: no more than a session may follow at once.
class lane_driver {
public:
  lane_driver(const deploy_plan& plan, std::size_t first, std::size_t count)
      : plan_(plan), first_(first), count_(count) {
    auto link = client::server_link::connect({{plan.socket}}, limits::connect_timeout);
    if (!link)
      throw std::runtime_error(link.error().message);
    link_ = std::move(*link);
  }

  deploy_tally run(clock::time_point begin, clock::time_point end) {
    for (std::size_t lane = first_; lane < first_ + count_; ++lane)
      deploy(lane);
    while (clock::now() < end && !(lanes_.empty() && refused_.empty()))
      take_next(clock::now() >= begin);
    over_ = true;
    refused_.clear();
    while (plan_.finish && !lanes_.empty())
      take_next(false);
    return tally_;
  }

private:
  void take_next(bool counts) {
    constexpr auto patience = std::chrono::milliseconds{10};
    auto got = link_->receive(patience);
    if (got)
      take(*got, counts);
    else if (got.error().code != errc::timed_out)
      throw std::runtime_error(got.error().message);
    else
      retry_one();
  }

  void deploy(std::size_t lane) {
    protocol::deploy_request request;
    request.app = fmt::format("{}-{}", plan_.name, lane);
    request.request_id = fmt::format("{}{}-{}-{}", plan_.name, plan_.requests, lane, ++deployed_);
    request.message = "Say what the second button does, and why";
    request.source = {"sha256:" + std::string(64, 'a'), 1, 1};
    lanes_[send(std::move(request))] = lane;
  }

  // The server takes so many uploads at once, and these came when it had as many. One at a time:
  // asking is work for the server too.
  void retry_one() {
    if (refused_.empty())
      return;
    const auto lane = refused_.front();
    refused_.pop_front();
    deploy(lane);
  }

  std::uint64_t send(protocol::message request) {
    auto ref = link_->send(std::move(request));
    if (!ref)
      throw std::runtime_error(ref.error().message);
    return *ref;
  }

  void take(const protocol::envelope& got, bool counts) {
    if (const auto* answer = std::get_if<protocol::accepted>(&got.body))
      follow(got.ref, answer->deployment.id);
    else if (const auto* told = std::get_if<protocol::events>(&got.body))
      count_moves(*told, counts);
    else if (const auto* end = std::get_if<protocol::followed>(&got.body))
      settle(got.ref, end->deployment, counts);
    else if (const auto* refusal = std::get_if<protocol::refused>(&got.body))
      take_refusal(got.ref, refusal->error);
  }

  void take_refusal(std::uint64_t request, const error& why) {
    if (why.code != errc::resource_exhausted)
      throw std::runtime_error(why.message);
    if (!over_)
      refused_.push_back(lanes_.at(request));
    lanes_.erase(request);
  }

  void follow(std::uint64_t request, const std::string& id) {
    const auto ref = send(protocol::follow_request{id, 1, limits::event_credit});
    lanes_[ref] = lanes_.at(request);
    lanes_.erase(request);
  }

  void settle(std::uint64_t request, const deployment& d, bool counts) {
    const auto lane = lanes_.at(request);
    lanes_.erase(request);
    if (counts)
      count(d);
    if (over_)
      return;
    retry_one();
    if (!plan_.once)
      deploy(lane);
  }

  // Counts events as they arrive: with a thousand lanes, many deployments are under way when the
  // time is over.
  void count_moves(const protocol::events& told, bool counts) {
    if (counts)
      tally_.transitions += static_cast<std::uint64_t>(
          std::count_if(told.list.begin(), told.list.end(), [](const event& one) {
            return std::holds_alternative<state_event>(one.body);
          }));
  }

  void count(const deployment& d) {
    if (d.state == state::active) {
      ++tally_.deployments;
      tally_.transitions += d.replaces ? 1 : 0; // that one was retired in the same transaction
    } else if (tally_.others++ == 0) {
      tally_.problem = d.error ? d.error->message : std::string{to_string(d.state)};
    }
  }

  const deploy_plan& plan_;
  std::size_t first_;
  std::size_t count_;
  std::unique_ptr<client::server_link> link_;
  std::map<std::uint64_t, std::size_t> lanes_; // by the ref of what is awaited
  std::deque<std::size_t> refused_;            // lanes that are to ask again
  std::uint64_t deployed_ = 0;
  bool over_ = false; // no more deploys
  deploy_tally tally_;
};

} // namespace

deploy_tally& deploy_tally::operator+=(const deploy_tally& part) {
  deployments += part.deployments;
  transitions += part.transitions;
  others += part.others;
  if (problem.empty())
    problem = part.problem;
  return *this;
}

deploy_tally deploy_flat_out(const deploy_plan& plan) {
  std::mutex mutex;
  deploy_tally total;
  std::string problem;
  const auto begin = clock::now() + plan.warm_up;
  const auto end = begin + plan.time;
  {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < plan.lanes; first += limits::follows_per_session)
      threads.emplace_back([&, first] {
        try {
          const auto count = std::min(limits::follows_per_session, plan.lanes - first);
          const auto part = lane_driver{plan, first, count}.run(begin, end);
          const std::lock_guard lock{mutex};
          total += part;
        } catch (const std::exception& failed) {
          const std::lock_guard lock{mutex};
          problem = failed.what();
        }
      });
  }
  if (!problem.empty())
    throw std::runtime_error(problem);
  const std::chrono::duration<double> took = plan.once ? clock::now() - begin : plan.time;
  total.seconds = took.count();
  return total;
}

} // namespace pawl::bench
