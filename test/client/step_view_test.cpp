#include "client/terminal/step_view.hpp"

#include "posix/utf8.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;

namespace {

struct building {
  step_view step;
  step_view::moment now{1h};
  look plain{.live = true, .unicode = false};

  building() { step.begin(state::building, 5s, now); }

  std::vector<std::string> lines(std::size_t columns = 80, std::size_t rows = 20) const {
    return step.lines(now, columns, rows, plain);
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(step_views)

BOOST_FIXTURE_TEST_CASE(time_goes_on_though_nothing_happens, building) {
  BOOST_TEST(lines().front() == "| building 5.0 s");
  now += 100ms;
  BOOST_TEST(lines().front() == "/ building 5.1 s");
  now += 2min;
  BOOST_TEST(lines().front() == "/ building 2 min 5 s");
}

BOOST_FIXTURE_TEST_CASE(a_clock_that_is_behind_counts_from_now, building) {
  step.begin(state::building, -30s, now);
  BOOST_TEST(lines().front() == "| building 0.0 s");
}

BOOST_FIXTURE_TEST_CASE(the_last_lines_of_the_log_are_below_it, building) {
  for (int i = 1; i <= 100; ++i)
    step.printed({"build", "stdout", "line " + std::to_string(i)});
  auto all = lines();
  BOOST_TEST(all.size() == 7U);
  BOOST_TEST(all.back() == "  | line 100");
  BOOST_TEST(step.log().size() == limits::failure_log_lines);
  BOOST_TEST(lines(80, 3).size() == 3U);
  BOOST_TEST(lines(80, 3).back() == "  | line 100");
  BOOST_TEST(lines(80, 1).size() == 1U);
  BOOST_TEST(lines(80, 0).empty());
}

BOOST_FIXTURE_TEST_CASE(nothing_of_an_app_reaches_the_terminal_as_it_is, building) {
  step.printed({"build", "stdout", "\x1b[2J\x9b\r"});
  step.begin(state::activating, 0s, now);
  step.checked({"\x1b]0;x", false, "\x1b[2J"});
  step.printed({"run", "stdout", "\x1b[2J\x9b\r"});
  for (const auto& line : lines())
    for (char c : {'\x1b', '\x9b', '\r'})
      BOOST_TEST(line.find(c) == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_upload_says_as_much_as_there_is_room_for, building) {
  constexpr std::uint64_t total = 200 * 1024 * 1024;
  step.begin(state::preparing, 0s, now);
  step.progressed({"upload", 0, total, "bytes"}, now);
  now += 2s;
  step.progressed({"upload", total / 4, total, "bytes"}, now);
  BOOST_TEST(lines(80).front() == "| uploading  25 % [####.............]  50.0 MiB of 200.0 "
                                  "MiB  25.0 MiB/s  2.0 s");
  BOOST_TEST(lines(60).front() == "| uploading  25 %  50.0 MiB of 200.0 MiB  25.0 MiB/s  2.0 s");
  for (std::size_t columns = 20; columns < 200; ++columns)
    BOOST_TEST(width(lines(columns).front()) < columns);
  step.progressed({"upload", total, total, "bytes"}, now);
  BOOST_TEST(lines().front() == "| receiving and verifying the source 2.0 s");
}

BOOST_FIXTURE_TEST_CASE(the_part_of_an_upload_that_was_there_before_is_not_counted_as_speed,
                        building) {
  constexpr std::uint64_t mib = 1024 * 1024;
  step.begin(state::preparing, 0s, now);
  step.progressed({"upload", 100 * mib, 200 * mib, "bytes"}, now);
  now += 1s;
  step.progressed({"upload", 101 * mib, 200 * mib, "bytes"}, now);
  BOOST_TEST(lines().front().find("  1.0 MiB/s  ") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(each_instance_has_a_line, building) {
  step.begin(state::activating, 0s, now);
  step.progressed({"start", 0, 3, "instances"}, now);
  BOOST_TEST(lines().front() == "| starting 0 of 3 instances 0.0 s");
  step.progressed({"start", 3, 3, "instances"}, now);
  BOOST_TEST(lines().front() == "| checking health 0.0 s");
  step.checked({"d-1", false, "refused"});
  step.checked({"d-2", false, "refused"});
  step.checked({"d-1", true, "200"});
  BOOST_TEST(lines() == (std::vector<std::string>{"| checking health 0.0 s", "  d-1 healthy: 200",
                                                  "  d-2 not healthy yet: refused"}),
             boost::test_tools::per_element());
  for (int i = 10; i < 30; ++i)
    step.checked({"d-" + std::to_string(i), false, "refused"});
  BOOST_TEST(lines().size() == 9U);
  BOOST_TEST(lines().back() == "  and 15 more");
  step.progressed({"switch", 0, 1, "route"}, now);
  BOOST_TEST(lines().front() == "| switching the traffic 0.0 s");
}

BOOST_AUTO_TEST_SUITE_END()
