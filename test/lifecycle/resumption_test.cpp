// When a deployment is held to be what crashes the server.
#include "lifecycle/resumption.hpp"

#include "lifecycle/deployment.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl;

// So many servers in a row take it up; each crashes, or is killed.
std::uint32_t counted_after(std::size_t resumptions, bool crashed) {
  std::uint32_t resumes = 0;
  for (std::size_t i = 0; i < resumptions; ++i)
    resumes = resumes_with_this(resumes, crashed);
  return resumes;
}

BOOST_AUTO_TEST_SUITE(resumption_test)

BOOST_AUTO_TEST_CASE(three_crashes_in_a_row_are_the_end) {
  for (std::size_t crashes = 0; crashes < limits::resumes_max; ++crashes)
    BOOST_TEST(resumption_of(counted_after(crashes, true), true) == resumption::in_turn);
  BOOST_TEST(
      (resumption_of(counted_after(limits::resumes_max, true), true) == resumption::given_up));
}

BOOST_AUTO_TEST_CASE(ends_that_are_no_crash_never_add_up) {
  BOOST_TEST(counted_after(100, false) == 1u);
  BOOST_TEST(resumption_of(counted_after(100, false), true) == resumption::in_turn);
}

BOOST_AUTO_TEST_CASE(an_end_that_is_no_crash_breaks_the_row) {
  BOOST_TEST(resumes_with_this(limits::resumes_max, false) == 1u);
  BOOST_TEST(resumption_of(limits::resumes_max, false) == resumption::at_once);
}

BOOST_AUTO_TEST_CASE(a_transition_breaks_the_row) {
  deployment draft;
  draft.operation = operation::deploy;
  auto d = begin(draft, state::preparing, {});
  BOOST_REQUIRE(d.has_value());
  d->internals.resumes = limits::resumes_max - 1;
  auto moved = advance(*d, state::building, {}, "pawl");
  BOOST_REQUIRE(moved.has_value());
  BOOST_TEST(moved->internals.resumes == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
