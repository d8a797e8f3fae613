// peer_redis: Redis over hiredis, every operation one MULTI … EXEC, sent at once. `address` is a
// unix socket. Redis has no conditional write without a script; a WATCH would cost it a round trip,
// so the condition is left out, which flatters it.
#include "bench/peers/workload.hpp"

#include <hiredis/hiredis.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdarg>
#include <ctime>
#include <iostream>
#include <poll.h>
#include <stdexcept>
#include <vector>

namespace {

using namespace pawl::bench;

class connection {
public:
  explicit connection(const std::string& socket) : handle_(redisConnectUnix(socket.c_str())) {
    if (handle_ == nullptr || handle_->err != 0)
      throw std::runtime_error(handle_ == nullptr ? "no connection" : handle_->errstr);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { redisFree(handle_); }

  void say(const char* command, ...) {
    std::va_list list;
    va_start(list, command);
    const auto status = redisvAppendCommand(handle_, command, list);
    va_end(list);
    if (status != REDIS_OK)
      throw std::runtime_error(handle_->errstr);
    ++unanswered_;
  }

  // All answers; the last must be no error.
  void hear() {
    for (; unanswered_ > 0; --unanswered_) {
      void* answer = nullptr;
      if (redisGetReply(handle_, &answer) != REDIS_OK)
        throw std::runtime_error(handle_->errstr);
      const auto* reply = static_cast<redisReply*>(answer);
      const bool refused = reply->type == REDIS_REPLY_ERROR;
      const std::string why = refused ? reply->str : "";
      freeReplyObject(answer);
      if (refused)
        throw std::runtime_error(why);
    }
  }

  int descriptor() const { return handle_->fd; }

  // For a subscriber: the number of messages that have arrived, at least one.
  std::uint64_t take_messages() {
    if (redisBufferRead(handle_) != REDIS_OK)
      throw std::runtime_error(handle_->errstr);
    std::uint64_t taken = 0;
    for (void* message = nullptr;
         redisGetReplyFromReader(handle_, &message) == REDIS_OK && message != nullptr; ++taken)
      freeReplyObject(message);
    return taken;
  }

  // The next 512 entries of the stream `log` after the last, which becomes theirs; 0 at the end.
  std::size_t read_stream(std::string& last) {
    auto* const reply = static_cast<redisReply*>(
        redisCommand(handle_, "XREAD COUNT 512 STREAMS log %s", last.c_str()));
    if (reply == nullptr)
      throw std::runtime_error(handle_->errstr);
    std::size_t count = 0;
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 1) {
      const auto* entries = reply->element[0]->element[1];
      count = entries->elements;
      last = entries->element[count - 1]->element[0]->str;
    }
    freeReplyObject(reply);
    return count;
  }

private:
  redisContext* handle_;
  int unanswered_ = 0;
};

class redis_session : public peer_session {
public:
  explicit redis_session(const std::string& socket) : to_(socket) {}

  void accept(std::size_t client, std::size_t number) override {
    const auto lane = std::to_string(client);
    const auto id = lane + "-" + std::to_string(number);
    to_.say("MULTI");
    to_.say("SET lanes/%s %s", lane.c_str(), id.c_str());
    to_.say("SET deployments/%s %b", id.c_str(), record_.data(), record_.size());
    to_.say("ZADD history/%s %s %s", lane.c_str(), std::to_string(number).c_str(), id.c_str());
    to_.say("ZADD unfinished/%s %s %s", lane.c_str(), std::to_string(number).c_str(), id.c_str());
    to_.say("SET requests/%s %s", id.c_str(), id.c_str());
    to_.say("XADD events/%s * event %b", id.c_str(), event_.data(), event_.size());
    to_.say("EXEC");
    to_.hear();
  }

  void transition(std::size_t client, std::size_t) override {
    const auto lane = std::to_string(client);
    to_.say("MULTI");
    to_.say("SET deployments/%s %b", lane.c_str(), record_.data(), record_.size());
    to_.say("XADD events/%s * event %b", lane.c_str(), event_.data(), event_.size());
    to_.say("EXEC");
    to_.hear();
  }

private:
  connection to_;
  const std::string record_ = std::string(record_bytes, 'r');
  const std::string event_ = std::string(event_bytes, 'e');
};

using clock = std::chrono::steady_clock;

// Prints the figures that every driver prints (workload.hpp).
void print(std::uint64_t operations, double seconds) {
  nlohmann::ordered_json json;
  json["operations"] = operations;
  json["seconds"] = seconds;
  json["cpu_seconds"] = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  json["p50_us"] = 0;
  json["p99_us"] = 0;
  std::cout << json.dump() << std::endl;
}

double seconds_since(clock::time_point begin) {
  return std::chrono::duration<double>(clock::now() - begin).count();
}

// Connections that have subscribed to one channel.
class subscribers {
public:
  explicit subscribers(const peer_plan& plan) {
    for (std::size_t i = 0; i < plan.clients; ++i) {
      all_.push_back(std::make_unique<connection>(plan.address));
      all_.back()->say("SUBSCRIBE events");
      all_.back()->hear();
      waited_.push_back({all_.back()->descriptor(), POLLIN, 0});
    }
  }

  // Takes what is there within the time; gives the number of messages.
  std::uint64_t take(int milliseconds) {
    std::uint64_t taken = 0;
    if (::poll(waited_.data(), waited_.size(), milliseconds) <= 0)
      return 0;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if ((waited_[i].revents & POLLIN) != 0)
        taken += all_[i]->take_messages();
    return taken;
  }

private:
  std::vector<std::unique_ptr<connection>> all_;
  std::vector<pollfd> waited_;
};

// A hundred messages a second; an operation is one that one subscriber got.
void fan_out(const peer_plan& plan) {
  constexpr auto pause = std::chrono::milliseconds{10};
  subscribers all{plan};
  connection publisher{plan.address};
  const std::string event(event_bytes, 'e');
  const auto begin = clock::now();
  const auto wanted = plan.milliseconds / 10 * plan.clients;
  std::uint64_t taken = 0;
  std::size_t published = 0;
  for (; published < plan.milliseconds / 10; ++published) {
    while (clock::now() < begin + pause * published)
      taken += all.take(1);
    publisher.say("PUBLISH events %b", event.data(), event.size());
    publisher.hear();
  }
  const auto patience = clock::now() + std::chrono::seconds{5};
  while (taken < wanted && clock::now() < patience)
    taken += all.take(1);
  print(taken, seconds_since(begin));
}

// `records` entries are read again by one client, 512 at a time.
void replay(const peer_plan& plan) {
  connection reader{plan.address};
  const auto begin = clock::now();
  std::uint64_t taken = 0;
  std::string last = "0";
  while (const auto page = reader.read_stream(last))
    taken += page;
  print(taken, seconds_since(begin));
}

void prepare(const peer_plan& plan) {
  connection to{plan.address};
  to.say("FLUSHALL");
  to.hear();
  if (plan.workload != "replay")
    return;
  const std::string event(event_bytes, 'e');
  constexpr std::size_t batch = 1000;
  for (std::size_t n = 0; n < plan.records; n += batch) {
    for (std::size_t i = n; i < std::min(n + batch, plan.records); ++i)
      to.say("XADD log * event %b", event.data(), event.size());
    to.hear();
  }
}

} // namespace

int main(int argc, char** argv) {
  return drive(argc, argv,
               {prepare,
                [](const peer_plan& plan) { return std::make_unique<redis_session>(plan.address); },
                {{"fanout", fan_out}, {"replay", replay}}});
}
