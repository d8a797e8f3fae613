// Waiting for what happens in other processes: looked for again and again, up to a deadline.
#pragma once

#include <chrono>
#include <thread>

namespace pawl::test {

// A machine that builds and tests several things at once is slow; a test that passes never waits so
// long.
inline constexpr auto patience = std::chrono::seconds{60};

// Whether the condition comes true in time.
template <class Condition>
bool eventually(Condition&& condition, std::chrono::milliseconds within = patience) {
  constexpr auto look_again = std::chrono::milliseconds{5};
  const auto end = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

} // namespace pawl::test
