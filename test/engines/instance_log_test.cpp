// Reading what an instance printed: in pages, from any place, also while its beginning is given up.
#include "engines/logs/instance_log.hpp"
#include "engines/logs/log_watcher.hpp"
#include "test/support/eventually.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <atomic>
#include <sys/stat.h>

using namespace pawl;
using namespace pawl::test;

namespace {

struct log_fixture {
  temporary_directory place;
  std::filesystem::path log = place.path() / "shop-1";

  void print(std::string_view text) const {
    auto file = open_file(log, O_WRONLY | O_CREAT | O_APPEND);
    BOOST_REQUIRE(file.has_value());
    BOOST_REQUIRE(write_all(file->get(), text).has_value());
  }

  // Lines "LINE NUMBER", of 64 bytes each.
  void print_numbers(int from, int to) const {
    std::string text;
    for (int i = from; i < to; ++i)
      text += fmt::format("{:063}\n", i);
    print(text);
  }

  // All lines from a place on, page by page.
  std::vector<std::string> read_all(std::uint64_t from, std::uint64_t& skipped) const {
    std::vector<std::string> all;
    for (bool more = true; more;) {
      auto page = read_log_page(log, from, 1000, false);
      BOOST_REQUIRE((page.next > from || page.at_end));
      all.insert(all.end(), page.lines.begin(), page.lines.end());
      skipped += page.skipped;
      from = page.next;
      more = !page.at_end;
    }
    return all;
  }

  std::uint64_t on_disk() const {
    struct stat about {};
    BOOST_REQUIRE(::stat(log.c_str(), &about) == 0);
    return static_cast<std::uint64_t>(about.st_blocks) * 512;
  }
};

constexpr std::uint64_t mib = limits::mib;

} // namespace

BOOST_FIXTURE_TEST_SUITE(instance_logs, log_fixture)

BOOST_AUTO_TEST_CASE(a_log_that_is_not_there_is_empty) {
  auto page = read_log_page(log, 0, 10, true);
  BOOST_TEST(page.lines.empty());
  BOOST_TEST(page.at_end);
  BOOST_TEST(last_lines_begin(log, 5) == 0U);
}

BOOST_AUTO_TEST_CASE(pages_give_every_line_once_and_hold_their_bounds) {
  print_numbers(0, 10'000);
  std::uint64_t skipped = 0;
  auto all = read_all(0, skipped);
  BOOST_REQUIRE(all.size() == 10'000U);
  BOOST_TEST(skipped == 0U);
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_REQUIRE(all[i] == fmt::format("{:063}", i));
  BOOST_TEST(read_log_page(log, 0, 1'000'000, false).lines.size() <= limits::log_page_bytes / 64);
  auto few = read_log_page(log, 0, 3, false);
  BOOST_TEST(few.lines.size() == 3U);
  BOOST_TEST(!few.at_end);
  BOOST_TEST(few.next == 3 * 64U);
}

BOOST_AUTO_TEST_CASE(a_line_is_given_when_it_is_ended_or_when_it_is_asked_for) {
  print("one\ntw");
  auto page = read_log_page(log, 0, 10, false);
  BOOST_TEST(page.lines == std::vector<std::string>{"one"});
  BOOST_TEST(page.at_end);
  BOOST_TEST(page.next == 4U);
  BOOST_TEST(page.size == 6U);
  BOOST_TEST(read_log_page(log, 4, 10, true).lines == (std::vector<std::string>{"tw"}),
             boost::test_tools::per_element());
  print("o\n");
  BOOST_TEST(read_log_page(log, 4, 10, false).lines == (std::vector<std::string>{"two"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_endless_line_is_cut_the_same_way_wherever_reading_begins) {
  print(std::string(3 * limits::log_line_bytes + 5, 'x') + "\nend\n");
  auto all = read_log_page(log, 0, 10, false);
  BOOST_REQUIRE(all.lines.size() == 5U);
  BOOST_TEST(all.lines[3] == "xxxxx");
  BOOST_TEST(all.lines[4] == "end");
  auto first = read_log_page(log, 0, 1, false);
  BOOST_TEST(first.next == limits::log_line_bytes);
  BOOST_TEST(read_log_page(log, first.next, 10, false).lines.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_line_of_exactly_the_longest_length_is_one) {
  print(std::string(limits::log_line_bytes, 'x') + "\ny\n");
  BOOST_TEST(read_log_page(log, 0, 10, false).lines.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_last_lines_begin_where_they_should) {
  print_numbers(0, 5000);
  BOOST_TEST(last_lines_begin(log, 0) == 5000 * 64U);
  BOOST_TEST(last_lines_begin(log, 1) == 4999 * 64U);
  BOOST_TEST(last_lines_begin(log, 3000) == 2000 * 64U);
  BOOST_TEST(last_lines_begin(log, 5000) == 0U);
  BOOST_TEST(last_lines_begin(log, 6000) == 0U);
  print("open");
  BOOST_TEST(last_lines_begin(log, 1) == 5000 * 64U);
  BOOST_TEST(last_lines(log, 2) == (std::vector<std::string>{fmt::format("{:063}", 4999), "open"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_log_over_its_bound_keeps_its_end_and_its_places) {
  print_numbers(0, 100'000);
  bound_log(log, 4 * mib, 2 * mib);
  BOOST_TEST(on_disk() < 3 * mib);
  BOOST_TEST(log_size(log) == 100'000 * 64U);
  std::uint64_t skipped = 0;
  auto all = read_all(0, skipped);
  BOOST_REQUIRE(all.size() >= 2 * mib / 64);
  BOOST_TEST(all.back() == fmt::format("{:063}", 99'999));
  BOOST_TEST(all.front() == fmt::format("{:063}", 100'000 - all.size()));
  BOOST_TEST(skipped + all.size() * 64 == 100'000 * 64U);
  // A reader that had come further notices nothing.
  skipped = 0;
  BOOST_TEST(read_all(99'000 * 64, skipped).size() == 1000U);
  BOOST_TEST(skipped == 0U);
}

BOOST_AUTO_TEST_CASE(within_a_given_up_line_reading_begins_at_the_next) {
  print(std::string(100, 'a'));
  for (int i = 0; i < 100; ++i)
    print(std::string(1000, 'b'));
  print("\nwhole\n");
  bound_log(log, 0, 20'000);
  auto page = read_log_page(log, 0, 10, false);
  BOOST_TEST(page.lines == std::vector<std::string>{"whole"});
  BOOST_TEST(page.skipped == 100'101U);
}

BOOST_AUTO_TEST_CASE(an_instance_goes_on_in_its_log_with_a_line_of_its_own) {
  print("unfinished");
  auto file = open_log(log);
  BOOST_REQUIRE(file.has_value());
  BOOST_REQUIRE(write_all(file->get(), "next\n").has_value());
  BOOST_TEST(last_lines(log, 5) == (std::vector<std::string>{"unfinished", "next"}),
             boost::test_tools::per_element());
  BOOST_REQUIRE(open_log(log).has_value());
  BOOST_TEST(log_size(log) == 16U);
}

BOOST_AUTO_TEST_CASE(of_stopped_logs_the_newest_stay) {
  for (std::size_t i = 0; i < stopped_logs_kept + 5; ++i) {
    auto one = place.path() / fmt::format("old-{}", i);
    BOOST_REQUIRE(open_log(one).has_value());
    std::filesystem::last_write_time(one, std::filesystem::file_time_type::clock::now() -
                                              std::chrono::hours{1000 - i});
  }
  remove_old_logs(place.path(), [](const std::string& name) { return name == "old-0"; });
  BOOST_TEST(std::filesystem::exists(place.path() / "old-0"));
  for (std::size_t i = 1; i < 5; ++i)
    BOOST_TEST(!std::filesystem::exists(place.path() / fmt::format("old-{}", i)));
  BOOST_TEST(std::filesystem::exists(place.path() / "old-5"));
}

BOOST_AUTO_TEST_CASE(who_waits_is_told_when_the_log_grows_or_ends) {
  log_watcher watcher{place.path()};
  std::atomic<int> calls = 0;
  auto count = [&] { ++calls; };
  auto early = watcher.call_when_longer("shop-1", 0, count); // before there is a log
  print("a\n");
  watcher.track("shop-1");
  BOOST_TEST(eventually([&] { return calls == 1; }));
  auto next = watcher.call_when_longer("shop-1", 2, count);
  auto gone = watcher.call_when_longer("shop-1", 2, [&] { calls += 100; });
  gone.reset();
  print("b\n");
  BOOST_TEST(eventually([&] { return calls == 2; }));
  auto last = watcher.call_when_longer("shop-1", 4, count);
  watcher.forget("shop-1");
  BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(a_flood_is_bounded_while_it_runs) {
  log_watcher watcher{place.path()};
  print("begun\n");
  watcher.track("shop-1");
  const std::string block(mib, 'x');
  // Old output is not given back to the disk at once, but always soon.
  constexpr std::uint64_t flood = 1024;
  for (std::uint64_t i = 0; i < flood; ++i)
    print(block);
  BOOST_TEST(eventually([&] { return on_disk() <= running_log_most; }));
  BOOST_TEST(log_size(log) == flood * mib + 6);
  print("\nlast words\n");
  BOOST_TEST(last_lines(log, 1) == (std::vector<std::string>{"last words"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
