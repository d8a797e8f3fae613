#include "config/server_config.hpp"

#include <boost/test/unit_test.hpp>

#include <array>

using pawl::config::read_server_config;

BOOST_AUTO_TEST_SUITE(access_configuration)

namespace {

pawl::config::surroundings nowhere() {
  return {true, [](const char*) { return std::nullopt; }};
}

std::string problems_of(std::string_view text) {
  auto read = read_server_config(text, "/etc/pawl", nowhere());
  BOOST_REQUIRE_MESSAGE(!read, "this configuration should be refused:\n" << text);
  return read.error().message;
}

} // namespace

BOOST_AUTO_TEST_CASE(users_have_the_grants_of_the_file) {
  auto read = read_server_config(R"(
[listen]
socket_group = "deployers"

[cluster.staging]

[access.users]
deploy-bot = { role = "deploy", apps = ["shop", "blog"], clusters = ["staging"] }
"Ann Lee" = { role = "view" }

[access.users.boss]
role = "admin"
)",
                                 "/etc/pawl", nowhere());
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  BOOST_TEST(read->socket_group == "deployers");
  BOOST_REQUIRE(read->access.users.size() == 3U);
  BOOST_TEST((read->access.users.at("deploy-bot") ==
              pawl::grant{pawl::role::deploy, {"shop", "blog"}, {"staging"}}));
  BOOST_TEST((read->access.users.at("Ann Lee") == pawl::grant{pawl::role::view, {}, {}}));
  BOOST_TEST((read->access.users.at("boss") == pawl::grant{pawl::role::admin, {}, {}}));
}

BOOST_AUTO_TEST_CASE(each_mistake_is_told_with_its_line) {
  const std::array<std::pair<std::string_view, std::string_view>, 11> mistakes{{
      {"[access.users]\nann = { role = \"owner\" }",
       "line 2: access.users.ann.role is \"owner\", but must be \"view\", \"deploy\" or \"admin\""},
      {"[access.users]\nann = { apps = [\"shop\"] }", "access.users.ann.role is missing"},
      {"[access.users]\nann = \"admin\"",
       "line 2: access.users.ann is a string, but must be a table"},
      {"[access.users]\nann = { role = \"view\", apps = [\"Shop\"] }",
       "access.users.ann.apps can never match"},
      {"[access.users]\nann = { role = \"view\", apps = [\"a\", \"a\"] }",
       "access.users.ann.apps has \"a\" twice"},
      {"[access.users]\nann = { role = \"view\", apps = [] }", "is empty, which would mean all"},
      {"[access.users]\nann = { role = \"view\", clusters = [\"moon\"] }",
       "has \"moon\" in it, which can never match: there is no [cluster.moon]"},
      {"[access.users]\n\"a\\tb\" = { role = \"view\" }", "a name that no user can have"},
      {"[access.users]\nann = { role = \"view\", app = [\"shop\"] }",
       "did you mean access.users.ann.apps?"},
      {"[access]\nuser = 1", "did you mean access.users?"},
      {"[listen]\nsocket_group = \"\"", "listen.socket_group is empty"},
  }};
  for (const auto& [text, wanted] : mistakes)
    BOOST_TEST_CONTEXT(text) {
      const auto told = problems_of(text);
      BOOST_TEST(told.find(wanted) != std::string::npos, told);
    }
}

// Without a [cluster] table there is the one that is called local.
BOOST_AUTO_TEST_CASE(the_default_cluster_can_be_named) {
  BOOST_TEST(read_server_config("[access.users]\nann = { role = \"view\", clusters = [\"local\"] }",
                                "/etc/pawl", nowhere())
                 .has_value());
}

BOOST_AUTO_TEST_SUITE_END()
