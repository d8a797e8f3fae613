#include "lifecycle/warm.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace std::chrono_literals;

namespace {

constexpr timestamp replaced_then{std::chrono::hours{24 * 365 * 50}};

deployment replaced_at(timestamp when) {
  deployment d;
  d.id = "d1";
  d.state = state::retired;
  d.transitions = {{state::active, when - 1h, "ann"}, {state::retired, when, "ann"}};
  return d;
}

warm_claim claim(std::uint64_t bytes) {
  return {{"shop", "local"}, version_number{1}, bytes};
}

using numbers = std::vector<std::uint64_t>;

} // namespace

BOOST_AUTO_TEST_SUITE(warm)

BOOST_AUTO_TEST_CASE(the_warm_time_begins_after_the_drain_and_goes_by_the_stored_time) {
  const auto d = replaced_at(replaced_then);
  BOOST_TEST((warm_until(d, 10s, 10min) == replaced_then + 10s + 10min));
  BOOST_TEST(warm_left(d, 10s, 10min, replaced_then + 10s).count() == duration{10min}.count());
  const auto later = replaced_then + 10s + 4min;
  BOOST_TEST(warm_left(d, 10s, 10min, later).count() == duration{6min}.count());
  BOOST_TEST(warm_left(d, 10s, 10min, replaced_then + 1h).count() == 0);
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_gives_no_more_than_the_whole_time) {
  const auto d = replaced_at(replaced_then);
  BOOST_TEST(warm_left(d, 10s, 10min, replaced_then - 24h).count() == duration{10min}.count());
  BOOST_TEST(warm_left(d, 10s, 10min, replaced_then + 48h).count() == 0);
}

BOOST_AUTO_TEST_CASE(a_warm_time_of_zero_turns_it_off) {
  BOOST_TEST(warm_left(replaced_at(replaced_then), 10s, 0s, replaced_then).count() == 0);
  BOOST_TEST(warm_left(replaced_at(replaced_then), 10s, 0s, replaced_then - 1h).count() == 0);
}

BOOST_AUTO_TEST_CASE(the_oldest_are_given_up_until_the_rest_fits) {
  warm_ledger ledger;
  BOOST_TEST(ledger.add(1, claim(300), 1000).empty());
  BOOST_TEST(ledger.add(2, claim(300), 1000).empty());
  BOOST_TEST(ledger.add(3, claim(400), 1000).empty()); // exactly full
  BOOST_TEST(ledger.bytes() == 1000u);
  BOOST_TEST((ledger.add(4, claim(500), 1000) == numbers{1, 2}));
  BOOST_TEST(ledger.bytes() == 900u);
  BOOST_TEST(ledger.claims().size() == 2u);
}

BOOST_AUTO_TEST_CASE(one_that_can_never_fit_costs_no_other) {
  warm_ledger ledger;
  ledger.add(1, claim(300), 1000);
  BOOST_TEST((ledger.add(2, claim(1001), 1000) == numbers{2}));
  BOOST_TEST(ledger.bytes() == 300u);
  BOOST_TEST((warm_ledger{}.add(1, claim(1), 0) == numbers{1}));
}

BOOST_AUTO_TEST_CASE(one_that_has_ended_makes_room) {
  warm_ledger ledger;
  ledger.add(1, claim(600), 1000);
  ledger.remove(1);
  ledger.remove(7);
  BOOST_TEST(ledger.add(2, claim(600), 1000).empty());
}

BOOST_AUTO_TEST_CASE(all_are_given_up_for_a_start_that_has_no_room) {
  warm_ledger ledger;
  ledger.add(1, claim(300), 1000);
  ledger.add(2, claim(300), 1000);
  BOOST_TEST((ledger.clear() == numbers{1, 2}));
  BOOST_TEST(ledger.clear().empty());
  BOOST_TEST(ledger.bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(the_server_goes_back_only_to_what_is_not_known_to_be_as_bad) {
  using enum old_version;
  for (bool held : {false, true}) {
    for (auto old : {cannot_be_checked, healthy, unhealthy})
      BOOST_TEST((judge_both(false, old, held) == watch_verdict::stay));
    BOOST_TEST((judge_both(true, healthy, held) == watch_verdict::go_back));
    BOOST_TEST((judge_both(true, unhealthy, held) == watch_verdict::hold));
  }
  BOOST_TEST((judge_both(true, cannot_be_checked, false) == watch_verdict::go_back));
  BOOST_TEST((judge_both(true, cannot_be_checked, true) == watch_verdict::stay));
}

BOOST_AUTO_TEST_CASE(each_readiness_is_read_by_its_name) {
  for (auto how : {readiness::warm, readiness::cold, readiness::gone})
    BOOST_TEST((parse_readiness(to_string(how)) == how));
  BOOST_TEST((!parse_readiness("hot")));
}

BOOST_AUTO_TEST_SUITE_END()
