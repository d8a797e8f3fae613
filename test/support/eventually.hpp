// Waiting for what happens in other processes: looked for again and again, up to a deadline.
#pragma once

#include <chrono>
#include <thread>

namespace pawl::test {

// How long a test waits for what has to come: the only such limit. A machine that builds and tests
// several things at once, or runs them under a sanitizer and strace, is many times slower than an
// idle one; a test that passes never waits so long.
inline constexpr auto patience = std::chrono::seconds{180};

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

// The last result of `look`: the wanted one, or the one at the end of the time. For checks
// that say what they have seen: BOOST_TEST(eventually_seen(look, wanted) == wanted).
template <class Look, class Wanted>
auto eventually_seen(Look&& look, const Wanted& wanted,
                     std::chrono::milliseconds within = patience) {
  auto seen = look();
  static_cast<void>(
      eventually([&] { return seen == wanted || (seen = look()) == wanted; }, within));
  return seen;
}

} // namespace pawl::test
