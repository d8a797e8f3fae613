// The whole table of rights, stated anew: each action for each role, on an app and a cluster that
// are covered and that are not.
#include "lifecycle/access.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace pawl;

namespace {

constexpr std::array all_roles{role::view, role::deploy, role::admin};

principal with(role which, std::vector<std::string> apps = {},
               std::vector<std::string> clusters = {}) {
  return {.name = "ann", .grant = {which, std::move(apps), std::move(clusters)}};
}

// As access.md has it.
role least_role(std::string_view action) {
  static const std::vector<std::string_view> deployers{
      "deploy", "cancel", "rollback", "promote", "scale", "restart", "run", "configure"};
  if (action == "read")
    return role::view;
  return std::find(deployers.begin(), deployers.end(), action) != deployers.end() ? role::deploy
                                                                                  : role::admin;
}

} // namespace

BOOST_TEST_DONT_PRINT_LOG_VALUE(pawl::verdict)

BOOST_AUTO_TEST_SUITE(access_test)

BOOST_AUTO_TEST_CASE(each_action_needs_its_role) {
  BOOST_TEST(permission_table.size() == 14U);
  for (const auto& row : permission_table)
    for (const auto which : all_roles)
      BOOST_TEST_CONTEXT(row.name << " by " << to_string(which)) {
        const auto expected = which >= least_role(row.name) ? verdict::granted : verdict::forbidden;
        BOOST_TEST(authorize(with(which), row.permission, "shop", "local") == expected);
        BOOST_TEST(authorize(with(which, {"shop"}, {"local"}), row.permission, "shop", "local") ==
                   expected);
        BOOST_TEST(authorize(with(which), row.permission, {}, {}) == expected);
      }
}

BOOST_AUTO_TEST_CASE(what_is_not_covered_is_hidden_whatever_the_action) {
  for (const auto& row : permission_table)
    for (const auto which : all_roles)
      BOOST_TEST_CONTEXT(row.name << " by " << to_string(which)) {
        BOOST_TEST(authorize(with(which, {"shop"}), row.permission, "blog", "local") ==
                   verdict::hidden);
        BOOST_TEST(authorize(with(which, {}, {"local"}), row.permission, "blog", "far") ==
                   verdict::hidden);
        BOOST_TEST(authorize(with(which, {"shop"}, {"local"}), row.permission, "shop", "far") ==
                   verdict::hidden);
        BOOST_TEST(authorize(with(which, {"shop"}), row.permission, "blog", {}) == verdict::hidden);
      }
}

BOOST_AUTO_TEST_CASE(all_is_read_as_far_as_it_is_covered_and_changed_only_by_those_who_cover_all) {
  const auto some = with(role::admin, {"shop"});
  BOOST_TEST(authorize(some, permission::read, {}, {}) == verdict::granted);
  BOOST_TEST(authorize(some, permission::read_audit, {}, {}) == verdict::granted); // in part
  BOOST_TEST(authorize(some, permission::freeze, {}, {}) == verdict::forbidden);
  BOOST_TEST(authorize(some, permission::freeze, "shop", {}) == verdict::granted);
  BOOST_TEST(authorize(some, permission::freeze, {}, "local") == verdict::forbidden);
  BOOST_TEST(authorize(with(role::admin), permission::freeze, {}, {}) == verdict::granted);
}

BOOST_AUTO_TEST_CASE(roles_have_names) {
  for (const auto which : all_roles)
    BOOST_TEST((parse_role(to_string(which)) == which));
  BOOST_TEST(!parse_role("owner").has_value());
  BOOST_TEST(!parse_role("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
