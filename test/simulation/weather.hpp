// The failures of one life, and how often each happens.
#pragma once

#include "test/simulation/dice.hpp"

namespace pawl::test {

// The odds for the calls of one dependency.
struct call_weather {
  double slow = 0;      // takes up to `most` before its effect, and again before its answer
  duration most = {};   // how slow
  double fails = 0;     // without an effect
  double loses = 0;     // fails after its effect: the answer is lost
  double very_slow = 0; // takes up to ten times `most`

  friend bool operator==(const call_weather&, const call_weather&) = default;
};

struct weather {
  // For each step.
  double crash = 0;
  double kill = 0;  // one of the actors that have something to do
  double stall = 0; // time goes on although somebody has something to do
  // For each call, before or after its effect.
  double crash_in_call = 0;
  double throws = 0; // an exception, of which the calling actor dies
  call_weather store;
  call_weather engine;
  call_weather router;
  call_weather sources;
  // In each second.
  double instance_dies = 0;
  double router_dies = 0;
  double clock_jumps = 0; // the wall clock, by up to two days
  double connection_breaks = 0;
  // For each check.
  double probe_fails = 0;
  // For clients.
  double client_leaves = 0;
  double client_repeats = 0; // the same request comes twice

  friend bool operator==(const weather&, const weather&) = default;
};

inline weather calm() {
  return {};
}

// Each kind of trouble is in about every second life, so that most pairs of them meet, and some
// lives have few.
inline weather any_weather(dice& random) {
  using namespace std::chrono_literals;
  auto some = [&](double most) {
    bool at_all = random.chance(0.5);
    double how = static_cast<double>(random.below(1000) + 1) / 1000;
    return at_all ? most * how : 0.0;
  };
  auto calls = [&](duration slowest) {
    call_weather one;
    one.slow = some(1.0);
    one.most = random.between(10ms, slowest);
    one.fails = some(0.08);
    one.loses = some(0.08);
    one.very_slow = some(0.02);
    return one;
  };
  weather made;
  made.crash = some(0.004);
  made.kill = some(0.01);
  made.stall = some(0.02);
  made.crash_in_call = some(0.02);
  made.throws = some(0.01);
  made.store = calls(200ms);
  made.store.loses = 0; // a store that cannot tell whether it has flushed ends its process
  made.engine = calls(5s);
  made.router = calls(2s);
  made.sources = calls(1s);
  made.instance_dies = some(0.05);
  made.router_dies = some(0.02);
  made.clock_jumps = some(0.05);
  made.connection_breaks = some(0.05);
  made.probe_fails = some(0.3);
  made.client_leaves = some(0.2);
  made.client_repeats = some(0.5);
  return made;
}

} // namespace pawl::test
