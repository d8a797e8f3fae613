// The counters of programs, tried on programs whose calls are known.
#include "bench/harness/counters.hpp"
#include "bench/harness/process_usage.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

namespace {

using namespace pawl::bench;

// The counts while dd writes so many blocks of a KiB.
counts counted_of(std::vector<std::string> flags) {
  const pawl::test::temporary_directory place;
  const counters counted{place.path() / "counters"};
  flags.insert(flags.begin(), {"/bin/dd", "if=/dev/zero", "of=" + (place.path() / "out").string(),
                               "bs=1K", "count=8", "status=none"});
  const auto cost = run_once(flags, {"LD_PRELOAD=" PAWL_BIN_DIR "/libpawl_counting.so",
                                     counters_variable + ("=" + counted.file().string())});
  BOOST_REQUIRE_EQUAL(cost.status, 0);
  return counted.now();
}

BOOST_AUTO_TEST_SUITE(counters_test)

BOOST_AUTO_TEST_CASE(bytes_and_flushes_are_counted) {
  const auto without = counted_of({});
  BOOST_TEST(without.flushes == 0U);
  BOOST_TEST(without.written_bytes == 8192U);
  BOOST_TEST(without.allocations > 0U);
  BOOST_TEST(counted_of({"conv=fsync"}).flushes == 1U);
}

BOOST_AUTO_TEST_CASE(each_write_to_a_synchronous_file_is_a_flush) {
  BOOST_TEST(counted_of({"oflag=dsync"}).flushes == 8U);
}

BOOST_AUTO_TEST_CASE(a_run_costs_time_and_has_a_status) {
  const auto cost =
      run_once({"/bin/sh", "-c", "i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; exit 3"});
  BOOST_TEST(cost.status == 3);
  BOOST_TEST(cost.cpu_ms > 1);
  BOOST_TEST(cost.wall_ms > 1);
  BOOST_CHECK_THROW(run_once({"/nonexistent"}), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_process_is_measured_from_outside) {
  const auto mine = usage_of(::getpid());
  BOOST_TEST(mine.cpu_seconds > 0);
  BOOST_TEST(mine.resident_kib > 1000U);
  BOOST_TEST(mine.peak_kib >= mine.resident_kib / 2);
  BOOST_TEST(usage_of(std::vector{::getpid(), ::getpid()}).resident_kib > mine.resident_kib);
}

BOOST_AUTO_TEST_CASE(a_family_has_its_children) {
  const pawl::test::temporary_directory place;
  pawl::test::program_plan how{{"/bin/sh", "-c", "read nothing <&-; while :; do /bin/true; done"}};
  how.directory = place.path();
  how.out = place.path() / "out";
  how.err = place.path() / "err";
  const pawl::test::program child{how};
  BOOST_TEST(pawl::test::eventually([&] {
    const auto family = family_of(::getpid());
    return std::count(family.begin(), family.end(), child.pid()) == 1;
  }));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
