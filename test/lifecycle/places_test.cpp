#include "lifecycle/places.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace pawl;

BOOST_AUTO_TEST_SUITE(places_suite)

BOOST_AUTO_TEST_CASE(however_many_take_all_that_they_may_the_next_finds_a_place) {
  constexpr std::size_t places = 3840;
  std::size_t taken = 0;
  std::vector<std::size_t> each;
  while (taken < places) {
    each.push_back(0);
    BOOST_REQUIRE(may_take_another(0, taken, places));
    for (; may_take_another(each.back(), taken, places); ++taken)
      ++each.back();
  }
  BOOST_TEST(each.front() == places / 2);
  BOOST_TEST(each.size() > 10U);
  BOOST_TEST(!may_take_another(0, places, places));
  BOOST_TEST(!may_take_another(0, places + 1, places));
}

BOOST_AUTO_TEST_SUITE_END()
