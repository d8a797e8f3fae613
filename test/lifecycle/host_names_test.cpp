// Who has a host name when a server starts.
#include "lifecycle/host_names.hpp"

#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;

namespace {

const std::string shared_name = "a-b.example.com";
const host_claim long_app{shared_name, {"a-b", "local"}};
const host_claim in_b{shared_name, {"a", "b"}};
const host_claim other{"shop.example.com", {"shop", "local"}};

using claims = std::vector<host_claim>;

} // namespace

BOOST_AUTO_TEST_SUITE(host_names)

BOOST_AUTO_TEST_CASE(a_name_that_one_lane_wants_is_its_own) {
  auto settled = settle_hosts({}, {other});
  BOOST_TEST((settled == settled_hosts{{}, {other}, {}}));
}

BOOST_AUTO_TEST_CASE(what_is_settled_already_changes_nothing) {
  BOOST_TEST((settle_hosts({other, in_b}, {in_b, other}) == settled_hosts{}));
}

BOOST_AUTO_TEST_CASE(a_name_that_nobody_holds_goes_to_the_first_lane_in_order) {
  for (const auto& wanted : {claims{in_b, long_app}, claims{long_app, in_b}}) {
    auto settled = settle_hosts({}, wanted);
    BOOST_TEST((settled.claimed == claims{in_b}));
    BOOST_TEST((settled.without == std::map<lane_key, host_claim>{{long_app.lane, in_b}}));
  }
}

BOOST_AUTO_TEST_CASE(a_name_stays_with_the_lane_that_holds_it) {
  for (const auto& wanted : {claims{in_b, long_app}, claims{long_app, in_b}}) {
    auto settled = settle_hosts({long_app}, wanted);
    BOOST_TEST(settled.claimed.empty());
    BOOST_TEST(settled.released.empty());
    BOOST_TEST((settled.without == std::map<lane_key, host_claim>{{in_b.lane, long_app}}));
  }
}

BOOST_AUTO_TEST_CASE(a_claim_of_a_lane_that_wants_it_no_more_is_in_nobodys_way) {
  auto settled = settle_hosts({long_app}, {in_b});
  BOOST_TEST((settled == settled_hosts{{}, {in_b}, {}}));
}

BOOST_AUTO_TEST_CASE(names_of_an_earlier_configuration_are_released) {
  auto settled = settle_hosts({{"shop.old.example.com", other.lane}}, {other});
  BOOST_TEST((settled == settled_hosts{{"shop.old.example.com"}, {other}, {}}));
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_host_and_both_lanes) {
  auto why = host_is_taken(long_app, in_b.lane);
  BOOST_TEST(why.code == errc::invalid_argument);
  for (auto part : {"a-b.example.com", "app a-b in cluster local", "app a in cluster b"})
    BOOST_TEST(why.message.find(part) != std::string::npos, why.message);
}

BOOST_AUTO_TEST_SUITE_END()
