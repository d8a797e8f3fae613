// The N-th call of the world fails, for N = 1, 2, 3 … until a life ends without that failure: of
// the store, the engine, the router and the sources, in otherwise fair weather.
#include "test/simulation/life.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

std::size_t fail_each_call(std::uint64_t seed) {
  constexpr std::size_t calls_max = 5000;
  life_options options;
  options.seed = seed;
  options.sky = calm();
  for (options.failing_call = 1; options.failing_call < calls_max; ++options.failing_call) {
    auto found = life{options}.run();
    for (const auto& why : found.violations)
      BOOST_ERROR("seed " << seed << ", call " << options.failing_call << " fails: " << why);
    if (!found.call_has_failed)
      return options.failing_call - 1;
    if (!found.violations.empty())
      break;
  }
  return 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(anomalies_test)

// Lives until they have made so many calls: one alone may be short.
BOOST_AUTO_TEST_CASE(any_one_call_may_fail) {
  std::size_t all = 0;
  for (std::uint64_t seed = 1; all < PAWL_ANOMALOUS_CALLS; ++seed) {
    auto calls = fail_each_call(seed);
    BOOST_TEST_REQUIRE(calls > 0U, "seed " << seed << " made " << calls << " calls");
    all += calls;
  }
  BOOST_TEST_MESSAGE(all << " calls, each failed once");
}

BOOST_AUTO_TEST_SUITE_END()
