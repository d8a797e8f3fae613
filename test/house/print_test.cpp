#include "lifecycle/state_machine.hpp"
#include "test/support/print.hpp"

#include <map>
#include <sstream>

using namespace pawl;
using namespace std::chrono_literals;

namespace {

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  boost::test_tools::tt_detail::print_log_value<T>{}(out, value);
  return out.str();
}

struct plain {
  int number = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(print_test)

BOOST_AUTO_TEST_CASE(a_failed_check_says_what_it_compared) {
  BOOST_TEST(printed(state::building) == "building");
  BOOST_TEST(printed(errc::not_found) == "not_found");
  BOOST_TEST(printed(version_number{7}) == "v7");
  BOOST_TEST(printed(lane_key{"shop", "local"}) == "shop in local");
  BOOST_TEST(printed(1500ms) == "1500ms");
  BOOST_TEST(printed(std::optional<state>{}) == "nothing");
  BOOST_TEST(printed(std::optional{state::active}) == "active");
  BOOST_TEST(printed(std::vector<int>{1, 2}) == "{1, 2}");
  BOOST_TEST(printed(std::map<std::string, state>{{"a", state::failed}}) == "{(a, failed)}");
  BOOST_TEST(printed(std::variant<int, errc>{errc::internal}) == "internal");
  BOOST_TEST(printed(result<int>{3}) == "3");
  BOOST_TEST(printed(result<void>{}) == "success");
  BOOST_TEST(printed(result<int>{error{errc::too_late, "it is over"}}) == "too_late (it is over)");
  BOOST_TEST(printed(plain{}).ends_with("plain"));
}

BOOST_AUTO_TEST_CASE(the_begin_of_a_long_container_is_enough) {
  BOOST_TEST(printed(std::vector<int>(1000, 1)).size() < 200U);
}

BOOST_AUTO_TEST_SUITE_END()
