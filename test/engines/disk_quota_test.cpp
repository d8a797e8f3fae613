#include "engines/process/disk_quota.hpp"
#include "test/engines/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace pawl;
using namespace pawl::test;

namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(disk_quotas)

BOOST_AUTO_TEST_CASE(each_file_is_counted_once_and_links_lead_nowhere) {
  temporary_directory home;
  const auto tree = home.path() / "tree";
  fs::create_directories(tree / "deep/er");
  write_file(tree / "deep/er/file", std::string(limits::mib, 'x'));
  fs::create_hard_link(tree / "deep/er/file", tree / "again");
  write_file(home.path() / "outside", std::string(4 * limits::mib, 'x'));
  fs::create_symlink("..", tree / "out");
  fs::create_symlink("../outside", tree / "file-out");
  const auto used = bytes_on_disk(tree, {});
  BOOST_REQUIRE(used.has_value());
  BOOST_TEST(*used >= limits::mib);
  BOOST_TEST(*used < 2 * limits::mib);
}

BOOST_AUTO_TEST_CASE(a_file_with_holes_counts_what_it_takes) {
  temporary_directory home;
  write_file(home.path() / "file", "x");
  fs::resize_file(home.path() / "file", limits::gib);
  BOOST_TEST(*bytes_on_disk(home.path(), {}) < limits::mib);
}

BOOST_FIXTURE_TEST_CASE(a_build_that_fills_its_quota_is_ended_while_it_runs, engine_fixture) {
  config.build_disk_bytes = 8 * limits::mib;
  open();
  auto built = build("d1", {}, "head -c 20000000 /dev/zero > big; sleep 1000");
  BOOST_TEST_REQUIRE(code_of(built) == "resource_exhausted");
  BOOST_TEST(built.error().message.find("may take 8") != std::string::npos, built.error().message);
  BOOST_TEST(built.error().details.at("reason") == "disk");
  BOOST_TEST(processes() == 0U);
}

BOOST_FIXTURE_TEST_CASE(one_that_ends_before_it_was_measured_is_refused_too, engine_fixture) {
  config.build_disk_bytes = 8 * limits::mib;
  open();
  BOOST_TEST(code_of(build("d1", {}, "head -c 20000000 /dev/zero > ~/big")) ==
             "resource_exhausted");
  BOOST_TEST(code_of(build("d2", {}, "head -c 2000000 /dev/zero > small")) == "");
}

BOOST_FIXTURE_TEST_CASE(directories_without_end_are_no_way_around_it, engine_fixture) {
  auto built = build("d1", {}, "perl -e 'for (1 .. 400) { mkdir \"d\"; chdir \"d\" }'");
  BOOST_TEST(code_of(built) == "too_large");
}

BOOST_AUTO_TEST_SUITE_END()
