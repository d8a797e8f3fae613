// Whole lives of the server, each from a seed:
//   test_simulation --run_test='lives_test/what*' -- --seed=N               one, with its trace
//   test_simulation --run_test='lives_test/what*' -- --first=N --lives=M    others than CI's
// A seed is another life in each of two cases: 'lives_test/warm*' has those with many rollbacks.
#include "test/simulation/life.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <charconv>

using namespace pawl;
using namespace pawl::test;

namespace {

std::optional<std::uint64_t> argument(std::string_view name) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  for (int i = 1; i < suite.argc; ++i) {
    std::string_view one = suite.argv[i];
    if (!one.starts_with(name))
      continue;
    one.remove_prefix(name.size());
    std::uint64_t value = 0;
    std::from_chars(one.data(), one.data() + one.size(), value);
    return value;
  }
  return std::nullopt;
}

life_report live(std::uint64_t seed, machine::tracing how, bool back_and_forth = false) {
  life_options options;
  options.seed = seed;
  options.back_and_forth = back_and_forth;
  options.tracing = how;
  return life{options}.run();
}

void report(const life_report& found, bool back_and_forth = false) {
  auto again = live(found.seed, machine::tracing::text, back_and_forth);
  std::string why;
  for (const auto& one : found.violations)
    why += "\n  " + one;
  BOOST_ERROR(
      "the life of seed " << found.seed << " breaks what must hold:" << why
                          << "\nIt is repeated, with its whole trace, by\n  "
                             "build/release/bin/test_simulation --log_level=message --run_test="
                          << (back_and_forth ? "'lives_test/warm*'" : "'lives_test/what*'")
                          << " -- --seed=" << found.seed << "\nThe end of its trace:\n"
                          << again.text.substr(again.text.size() -
                                               std::min<std::size_t>(again.text.size(), 6000)));
}

// The one life that the command line asks for, with its trace. False if it asks for none.
bool repeat_one(bool back_and_forth) {
  auto seed = argument("--seed=");
  if (!seed)
    return false;
  auto found = live(*seed, machine::tracing::text, back_and_forth);
  BOOST_TEST_MESSAGE(found.text);
  for (const auto& one : found.violations)
    BOOST_ERROR(one);
  return true;
}

} // namespace

BOOST_AUTO_TEST_SUITE(lives_test)

BOOST_AUTO_TEST_CASE(whatever_happens_the_invariants_hold_and_everything_settles) {
  if (repeat_one(false))
    return;
  auto first = argument("--first=").value_or(1);
  auto lives = argument("--lives=").value_or(PAWL_LIVES);
  std::map<std::string, std::size_t> counts;
  std::size_t failures = 0;
  for (auto seed = first; seed < first + lives && failures < 3; ++seed) {
    auto found = live(seed, machine::tracing::digest);
    for (const auto& [what, count] : found.counts)
      counts[what] += count;
    if (!found.violations.empty()) {
      ++failures;
      report(found);
    }
  }
  for (const auto& [what, count] : counts)
    BOOST_TEST_MESSAGE(count << " " << what);
  for (const auto* what : {"crashes",
                           "exceptions",
                           "kills of supervisor",
                           "kills of store_writer",
                           "kills of journal",
                           "kills of route_keeper",
                           "kills of session",
                           "kills of deployment_actor",
                           "kills of build_worker",
                           "failed calls",
                           "lost answers",
                           "jumps of the wall clock",
                           "clients that left",
                           "to superseded",
                           "to cancelled",
                           "to rolled_back",
                           "rollback ended active",
                           "promote ended active",
                           "configure ended active",
                           "configurations staged",
                           "takeovers of warm instances",
                           "destructions answered",
                           "scales answered",
                           "stops and starts answered",
                           "configure ended active",
                           "refused in_flight",
                           "crashes at rest",
                           "ends of instances at rest",
                           "requests at rest"})
    BOOST_TEST((counts[what] > 0 || lives < 1000), "no life had any: " << what);
}

// The same with many rollbacks: warm instances are taken over by one deployment after another. CI
// runs a twentieth of the lives; a number on the command line is the number of lives.
BOOST_AUTO_TEST_CASE(warm_instances_that_are_taken_over_hold_the_invariants) {
  if (repeat_one(true))
    return;
  const auto first = argument("--first=").value_or(1);
  const auto lives = argument("--lives=").value_or(std::max(PAWL_LIVES / 20, 1));
  std::size_t taken_over = 0;
  std::size_t failures = 0;
  for (auto seed = first; seed < first + lives && failures < 3; ++seed) {
    auto found = live(seed, machine::tracing::digest, true);
    taken_over += found.counts["takeovers of warm instances"];
    if (!found.violations.empty()) {
      ++failures;
      report(found, true);
    }
  }
  BOOST_TEST_MESSAGE(taken_over << " takeovers of warm instances");
  BOOST_TEST((taken_over > 0 || lives < 500), "no warm instances were taken over");
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_life_each_time) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto once = live(seed, machine::tracing::text);
    auto twice = live(seed, machine::tracing::text);
    BOOST_TEST(once.digest == twice.digest);
    BOOST_TEST(once.text == twice.text, "seed " << seed);
    BOOST_TEST(once.text.size() > 1000u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
