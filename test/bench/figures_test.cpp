// The arithmetic of the benchmarks: a wrong median is a wrong claim.
#include "bench/harness/spread.hpp"
#include "bench/load/histogram.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>

namespace {

using namespace pawl::bench;

BOOST_AUTO_TEST_SUITE(figures_test)

BOOST_AUTO_TEST_CASE(a_spread_has_the_median_and_the_ends) {
  BOOST_TEST(spread_of({5, 1, 9}) == (spread{5, 1, 9}));
  BOOST_TEST(spread_of({1, 2, 3, 10}) == (spread{2.5, 1, 10}));
  BOOST_TEST(spread_of({}) == spread{});
}

BOOST_AUTO_TEST_CASE(quantiles_lie_between_the_values) {
  BOOST_TEST(quantile({10, 20, 30, 40, 50}, 0.25) == 20);
  BOOST_TEST(quantile({10, 20}, 0.99) == 19.9, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(quantile({7}, 0.99) == 7);
}

BOOST_AUTO_TEST_CASE(unsteadiness_leaves_one_outlier_alone) {
  BOOST_TEST(unsteadiness({100, 100, 100, 100, 900}) == 0);
  BOOST_TEST(unsteadiness({50, 100, 150}) == 0.5);
  BOOST_TEST(unsteadiness({4}) == 0);
}

BOOST_AUTO_TEST_CASE(a_histogram_gives_percentiles_within_its_precision) {
  std::mt19937_64 source{1};
  std::vector<double> values;
  histogram seen;
  for (int i = 0; i < 20'000; ++i) {
    const auto value = std::uint64_t{1} << (source() % 36) | (source() & 1023);
    seen.add(value);
    values.push_back(static_cast<double>(value));
  }
  std::sort(values.begin(), values.end());
  for (double share : {0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto exact = values[static_cast<std::size_t>(std::ceil(share * 20'000)) - 1];
    const auto found = static_cast<double>(seen.at(share));
    BOOST_TEST(found >= exact);
    BOOST_TEST(found <= exact * (1 + 1.0 / 64));
  }
  BOOST_TEST(seen.count() == 20'000U);
}

BOOST_AUTO_TEST_CASE(small_values_are_exact_and_great_ones_are_cut) {
  histogram seen;
  seen.add(3);
  BOOST_TEST(seen.at(0.5) == 3U);
  seen.add(std::uint64_t{1} << 60);
  BOOST_TEST(seen.at(1) == histogram::greatest);
  BOOST_TEST(seen.max() == histogram::greatest);
  BOOST_TEST(histogram{}.at(0.5) == 0U);
}

BOOST_AUTO_TEST_CASE(histograms_add_up) {
  histogram one;
  histogram other;
  one.add(10);
  other.add(1000);
  one.add(other);
  BOOST_TEST(one.count() == 2U);
  BOOST_TEST(one.at(0.5) == 10U);
  BOOST_TEST(one.max() == 1000U);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
