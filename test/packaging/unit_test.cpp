// The unit for systemd: systemd reads it, and finds little that it leaves open.
#include "test/packaging/installed.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace pawl::test;

} // namespace

BOOST_AUTO_TEST_SUITE(unit_test)

BOOST_AUTO_TEST_CASE(systemd_has_nothing_to_say_against_the_unit) {
  if (!machine_has("systemd-analyze"))
    return;
  const auto place = installed::in_a_prefix();
  const auto unit = place.at("lib/systemd/system/pawld.service").string();
  const auto end = run({"systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit});
  BOOST_TEST(end.status == 0);
  BOOST_TEST(end.out + end.err == "");
}

BOOST_AUTO_TEST_CASE(the_unit_leaves_open_only_what_sandboxes_need) {
  if (!machine_has("systemd-analyze"))
    return;
  const auto place = installed::in_a_prefix();
  const auto unit = place.at("lib/systemd/system/pawld.service").string();
  // Ten times the exposure: a unit without settings has 96, and this one "MEDIUM".
  const auto end =
      run({"systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=57", unit});
  BOOST_TEST(end.status == 0, end.out << end.err);
}

BOOST_AUTO_TEST_SUITE_END()
