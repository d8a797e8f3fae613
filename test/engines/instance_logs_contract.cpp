#include "test/engines/instance_logs_contract.hpp"

#include "test/engines/contract_steps.hpp"
#include "test/support/eventually.hpp"

#include <atomic>

namespace pawl::test {

namespace engine_cases {

const names three{"one", "two", "three"};

instance_logs& printed_three(engine_site& site) {
  started(site, spec_of(site, "d1"));
  site.print("d1-1", three);
  return site.engine().logs();
}

log_page read_all(instance_logs& logs, bool unfinished = false) {
  return logs.read("d1-1", 0, 100, unfinished);
}

void a_log_is_read_from_its_beginning_to_its_end(engine_site& site) {
  auto& logs = printed_three(site);
  auto page = read_all(logs);
  BOOST_TEST(page.lines == three, boost::test_tools::per_element());
  BOOST_TEST(page.times.size() == three.size());
  BOOST_TEST(page.skipped == 0U);
  BOOST_TEST(page.at_end);
  BOOST_TEST(!page.stopped);
  page = logs.read("d1-1", page.next, 100, false);
  BOOST_TEST(page.lines.empty());
  BOOST_TEST(page.at_end);
}

void a_log_is_read_in_pages(engine_site& site) {
  auto& logs = printed_three(site);
  names read;
  std::uint64_t from = 0;
  for (bool more = true; more;) {
    auto page = logs.read("d1-1", from, 1, false);
    BOOST_REQUIRE(page.lines.size() <= 1U);
    BOOST_REQUIRE((page.next > from || page.at_end));
    read.insert(read.end(), page.lines.begin(), page.lines.end());
    from = page.next;
    more = !page.at_end;
  }
  BOOST_TEST(read == three, boost::test_tools::per_element());
}

void the_last_lines_are_found(engine_site& site) {
  auto& logs = printed_three(site);
  const names last{"two", "three"};
  BOOST_TEST(logs.last_lines("d1-1", 2) == last, boost::test_tools::per_element());
  BOOST_TEST(logs.last_lines("d1-1", 100) == three, boost::test_tools::per_element());
  auto page = logs.read("d1-1", logs.last_lines_begin("d1-1", 2), 100, false);
  BOOST_TEST(page.lines == last, boost::test_tools::per_element());
}

void a_log_outlives_the_server_and_its_instance(engine_site& site) {
  printed_three(site);
  site.restart();
  BOOST_TEST(read_all(site.engine().logs()).lines == three, boost::test_tools::per_element());
  require(site.engine().stop("d1-1", no_grace));
  auto page = read_all(site.engine().logs());
  BOOST_TEST(page.lines == three, boost::test_tools::per_element());
  BOOST_TEST(page.stopped);
}

void the_log_of_an_instance_that_never_existed_is_empty(engine_site& site) {
  auto& logs = site.engine().logs();
  auto page = logs.read("never-started-1", 0, 100, true);
  BOOST_TEST(page.lines.empty());
  BOOST_TEST(page.at_end);
  BOOST_TEST(page.stopped);
  BOOST_TEST(logs.last_lines("never-started-1", 5).empty());
  BOOST_TEST(logs.last_lines_begin("never-started-1", 5) == 0U);
}

void a_log_that_grows_is_told_once(engine_site& site) {
  auto& logs = printed_three(site);
  std::atomic<int> told = 0;
  auto watch = logs.watch("d1-1", read_all(logs), [&] { ++told; });
  BOOST_TEST(told == 0);
  site.print("d1-1", {"four"});
  BOOST_TEST(eventually([&] { return told == 1; }));
  site.print("d1-1", {"five"});
  BOOST_TEST(told == 1);
}

void a_log_that_has_grown_already_is_told(engine_site& site) {
  auto& logs = printed_three(site);
  auto seen = read_all(logs);
  site.print("d1-1", {"four"});
  std::atomic<int> told = 0;
  auto watch = logs.watch("d1-1", seen, [&] { ++told; });
  BOOST_TEST(eventually([&] { return told == 1; }));
}

void a_stop_is_told_to_watchers_of_the_log(engine_site& site) {
  auto& logs = printed_three(site);
  std::atomic<int> told = 0;
  auto watch = logs.watch("d1-1", read_all(logs), [&] { ++told; });
  require(site.engine().stop("d1-1", no_grace));
  BOOST_TEST(eventually([&] { return told == 1; }));
}

void a_watch_that_was_given_up_is_not_told(engine_site& site) {
  auto& logs = printed_three(site);
  std::atomic<int> told = 0;
  auto given_up = logs.watch("d1-1", read_all(logs), [&] { told += 100; });
  given_up.reset();
  auto watch = logs.watch("d1-1", read_all(logs), [&] { ++told; });
  site.print("d1-1", {"four"});
  BOOST_TEST(eventually([&] { return told > 0; }));
  BOOST_TEST(told == 1);
}

} // namespace engine_cases

#define PAWL_CASE(name)                                                                            \
  { #name, engine_cases::name }

bool add_instance_logs_contract(const make_site<engine_site>& make, std::set<std::string> exempt) {
  return add_contract<engine_site>(
      {
          PAWL_CASE(a_log_is_read_from_its_beginning_to_its_end),
          PAWL_CASE(a_log_is_read_in_pages),
          PAWL_CASE(the_last_lines_are_found),
          PAWL_CASE(a_log_outlives_the_server_and_its_instance),
          PAWL_CASE(the_log_of_an_instance_that_never_existed_is_empty),
          PAWL_CASE(a_log_that_grows_is_told_once),
          PAWL_CASE(a_log_that_has_grown_already_is_told),
          PAWL_CASE(a_stop_is_told_to_watchers_of_the_log),
          PAWL_CASE(a_watch_that_was_given_up_is_not_told),
      },
      make, std::move(exempt));
}

#undef PAWL_CASE

} // namespace pawl::test
