// Each line of a log has the time at which it came: noted while it grows, kept over restarts of the
// server, within a bound.
#include "engines/logs/instance_log.hpp"
#include "engines/logs/log_watcher.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <sys/stat.h>

using namespace pawl;
using namespace pawl::test;

namespace {

using namespace std::chrono_literals;

struct times_fixture {
  temporary_directory place;
  std::filesystem::path log = place.path() / "shop-1";
  const timestamp begin = std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now() - std::chrono::hours{1});

  // The app prints, and the file has this time of its last write.
  void print(std::string_view text, std::chrono::milliseconds after) const {
    auto file = open_file(log, O_WRONLY | O_CREAT | O_APPEND);
    BOOST_REQUIRE(file.has_value());
    BOOST_REQUIRE(write_all(file->get(), text).has_value());
    const auto since = (begin + after).time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    const timespec written{seconds.count(), std::chrono::nanoseconds{since - seconds}.count()};
    const std::array<timespec, 2> times{written, written};
    BOOST_REQUIRE(::futimens(file->get(), times.data()) == 0);
  }

  // Seconds after the beginning, for each line from a place on.
  std::vector<int> seconds_of_lines(std::uint64_t from = 0) const {
    std::vector<int> all;
    const auto page = read_log_page(log, from, 1000, true);
    BOOST_TEST(page.times.size() == page.lines.size());
    for (auto at : page.times)
      all.push_back(static_cast<int>(std::chrono::floor<std::chrono::seconds>(at - begin).count()));
    return all;
  }
};

using seconds_list = std::vector<int>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_line_times, times_fixture)

BOOST_AUTO_TEST_CASE(lines_have_the_time_of_the_growth_that_they_came_with) {
  log_times noted{log};
  print("one\n", 1s);
  noted.note(log_extent(log));
  print("two\nthr", 2s);
  noted.note(log_extent(log));
  print("ee\n\nfive", 3s);
  noted.note(log_extent(log));
  BOOST_TEST(seconds_of_lines() == (seconds_list{1, 2, 3, 3, 3}), boost::test_tools::per_element());
  BOOST_TEST(seconds_of_lines(4) == (seconds_list{2, 3, 3, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_that_were_not_noted_have_the_time_of_the_last_write) {
  BOOST_TEST(seconds_of_lines().empty());
  print("one\n", 1s);
  BOOST_TEST(seconds_of_lines() == (seconds_list{1}), boost::test_tools::per_element());
  log_times{log}.note(log_extent(log));
  print("two\n", 5s);
  BOOST_TEST(seconds_of_lines() == (seconds_list{1, 5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_server_goes_on_with_what_was_noted) {
  print("one\n", 1s);
  log_times{log}.note(log_extent(log));
  print("while no server ran\n", 2s);
  print("and later\n", 3s);
  log_times next{log};
  next.note(log_extent(log));
  print("four\n", 4s);
  next.note(log_extent(log));
  BOOST_TEST(seconds_of_lines() == (seconds_list{1, 3, 3, 4}), boost::test_tools::per_element());
}

// An app may set the time of its file, and clocks are set.
BOOST_AUTO_TEST_CASE(no_line_is_later_than_now_or_earlier_than_the_growth_before_it) {
  log_times noted{log};
  print("one\n", 10s);
  noted.note(log_extent(log));
  print("two\n", -10h);
  BOOST_TEST(seconds_of_lines() == (seconds_list{10, 10}), boost::test_tools::per_element());
  noted.note(log_extent(log));
  print("three\n", 100h);
  BOOST_TEST((read_log_page(log, 0, 9, true).times.back() <= std::chrono::system_clock::now()));
  noted.note(log_extent(log));
  const auto page = read_log_page(log, 0, 9, true);
  BOOST_TEST((page.times.back() <= std::chrono::system_clock::now()));
  BOOST_TEST((page.times.at(1) == begin + 10s));
}

BOOST_AUTO_TEST_CASE(many_marks_become_coarser_for_old_lines_and_stay_exact_for_new_ones) {
  log_times noted{log};
  constexpr std::uint64_t count = 3 * log_marks_most / 2;
  print(std::string(2 * count, '\n'), 0s);
  for (std::uint64_t i = 1; i <= count; ++i)
    noted.note({2 * i, begin + std::chrono::milliseconds{i}});
  BOOST_TEST(std::filesystem::file_size(marks_of(log)) <= 16 * log_marks_most);
  const std::vector<std::uint64_t> places{0, 1000, 2 * count - 3, 2 * count - 1};
  std::vector<std::int64_t> after;
  for (auto at : times_of(log, places, log_extent(log)))
    after.push_back((at - begin).count());
  BOOST_TEST(after.at(0) <= 4);
  BOOST_TEST(after.at(1) >= 501);
  BOOST_TEST(after.at(1) <= 504);
  BOOST_TEST(after.at(2) == std::int64_t{count} - 1);
  BOOST_TEST(after.at(3) == std::int64_t{count});
}

BOOST_AUTO_TEST_CASE(what_a_power_failure_left_of_the_marks_does_no_harm) {
  print("one\n", 1s);
  log_times{log}.note(log_extent(log));
  log_times{log}.note({1000, begin + 2s}); // the log has lost those bytes
  {
    auto marks = open_file(marks_of(log), O_WRONLY | O_APPEND);
    BOOST_REQUIRE(write_all(marks->get(), "half").has_value());
  }
  print("two\n", 3s);
  log_times{log}.note(log_extent(log));
  print("three\n", 4s);
  BOOST_TEST(seconds_of_lines() == (seconds_list{1, 3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_watcher_notes_the_growth_of_a_log_that_it_tracks) {
  log_watcher watcher{place.path()};
  print("one\n", 1s);
  watcher.track("shop-1");
  const auto noted = [&](std::uint64_t marks) {
    std::error_code none;
    return std::filesystem::file_size(marks_of(log), none) == 16 * marks && !none;
  };
  BOOST_TEST(eventually([&] { return noted(1); }));
  print("two\n", 2s);
  BOOST_TEST(eventually([&] { return noted(2); }));
  print("last words\n", 3s);
  watcher.forget("shop-1"); // noted at the latest now
  print("", 100s);
  BOOST_TEST(seconds_of_lines() == (seconds_list{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(marks_go_with_their_log) {
  for (const auto* name : {"runs-1", "gone-1"}) {
    log = place.path() / name;
    print("one\n", 1s);
    log_times{log}.note(log_extent(log));
  }
  std::filesystem::remove(log);
  remove_old_logs(place.path(), [](const std::string&) { return true; });
  BOOST_TEST(!std::filesystem::exists(marks_of(log)));
  BOOST_TEST(std::filesystem::exists(marks_of(place.path() / "runs-1")));
}

BOOST_AUTO_TEST_SUITE_END()
