#include "config/server_config.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <array>

BOOST_AUTO_TEST_SUITE(oidc_configuration)

namespace {

using namespace std::literals;

pawl::result<pawl::config::server_config> read_issuers_of(std::string_view text) {
  return pawl::config::read_server_config(text, "/etc/pawl",
                                          {true, [](const char*) { return std::nullopt; }});
}

std::string refusal_of(std::string_view text) {
  auto read = read_issuers_of(text);
  BOOST_REQUIRE_MESSAGE(!read, "this configuration should be refused:\n" << text);
  return read.error().message;
}

// One issuer, whole but for these lines.
std::string with_rules(std::string_view lines) {
  return fmt::format("[access.oidc.ci]\nissuer = \"https://ci.example\"\naudience = \"pawl\"\n{}",
                     lines);
}

std::string with_claims(std::string_view claims) {
  return with_rules(
      fmt::format("[[access.oidc.ci.rules]]\nclaims = {{ {} }}\nrole = \"view\"\n", claims));
}

} // namespace

BOOST_AUTO_TEST_CASE(issuers_have_the_rules_of_the_file_in_its_order) {
  auto read = read_issuers_of(R"(
[access.oidc.github]
issuer = "https://token.actions.githubusercontent.com"
audience = "pawl"

[[access.oidc.github.rules]]
claims = { repository = "acme/shop", ref = "refs/heads/main" }
role = "deploy"
apps = ["shop"]

[[access.oidc.github.rules]]
claims = { repository = "acme/shop" }
role = "view"
clusters = ["local"]

[access.oidc.own]
issuer = "https://ci.example:8443/realms/a/"
audience = "pawl"
ca = "tls/ci.crt"
rules = [{ claims = { sub = "nightly" }, role = "admin" }]
)");
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  const auto& issuers = read->access.issuers;
  BOOST_REQUIRE(issuers.size() == 2U);
  const pawl::oidc_issuer github{
      "github",
      "https://token.actions.githubusercontent.com",
      "pawl",
      {},
      {{{{"repository", "acme/shop"}, {"ref", "refs/heads/main"}},
        {pawl::role::deploy, {"shop"}, {}}},
       {{{"repository", "acme/shop"}}, {pawl::role::view, {}, {"local"}}}}};
  BOOST_TEST((issuers[0] == github));
  BOOST_TEST(issuers[1].url == "https://ci.example:8443/realms/a/");
  BOOST_REQUIRE(issuers[1].ca.has_value());
  BOOST_TEST(issuers[1].ca->native() == "/etc/pawl/tls/ci.crt");
  BOOST_TEST((issuers[1].rules.front().grant.role == pawl::role::admin));
}

BOOST_AUTO_TEST_CASE(each_mistake_of_an_issuer_is_told_with_its_line) {
  const auto rule = "rules = [{ claims = { a = \"b\" }, role = \"view\" }]\n"s;
  const std::array<std::pair<std::string, std::string_view>, 14> mistakes{{
      {"[access.oidc.ci]\naudience = \"pawl\"\n" + rule, "access.oidc.ci.issuer is missing"},
      {"[access.oidc.ci]\nissuer = \"http://ci.example\"\naudience = \"pawl\"\n" + rule,
       "line 2: access.oidc.ci.issuer is \"http://ci.example\", but must be an address"},
      {"[access.oidc.ci]\nissuer = \"https://ci.example/?a=b\"\naudience = \"pawl\"\n" + rule,
       "no query"},
      {"[access.oidc.ci]\nissuer = \"https://u@ci.example\"\naudience = \"pawl\"\n" + rule,
       "but must be an address"},
      {"[access.oidc.ci]\nissuer = \"https://\"\naudience = \"pawl\"\n" + rule,
       "but must be an address"},
      {"[access.oidc.ci]\nissuer = \"https://ci.example\"\n" + rule,
       "access.oidc.ci.audience has to be a text"},
      {"[access.oidc.ci]\nissuer = \"https://ci.example\"\naudience = \"\"\n" + rule,
       "line 3: access.oidc.ci.audience has to be a text"},
      {with_rules("ca = \"\"\n" + rule), "line 4: access.oidc.ci.ca is empty"},
      {with_rules(""), "access.oidc.ci.rules has to be a list with at least one rule"},
      {with_rules("rules = []"), "access.oidc.ci.rules has to be a list with at least one rule"},
      {with_rules("rule = 1\n" + rule), "did you mean access.oidc.ci.rules?"},
      {"[access.oidc.CI]\nissuer = \"https://ci.example\"", "issuer"},
      {"[access.oidc]\nci = 1", "access.oidc.ci is a whole number, but must be a table"},
      {with_rules(rule) + "[access.oidc.two]\nissuer = \"https://ci.example\"\naudience = \"x\"\n" +
           rule,
       "access.oidc.two has the issuer of access.oidc.ci"},
  }};
  for (const auto& [text, wanted] : mistakes)
    BOOST_TEST_CONTEXT(text) {
      const auto told = refusal_of(text);
      BOOST_TEST(told.find(wanted) != std::string::npos, told);
    }
}

BOOST_AUTO_TEST_CASE(a_rule_that_can_never_match_is_told) {
  const std::array<std::pair<std::string, std::string_view>, 12> mistakes{{
      {with_claims(""), "access.oidc.ci.rules (1).claims has to name at least one claim"},
      {with_rules("rules = [{ role = \"view\" }]"), "claims has to name at least one claim"},
      {with_claims("run = 7"), "access.oidc.ci.rules (1).claims.run is a whole number, but must be "
                               "a string"},
      {with_claims("protected = true"), "is a boolean, but must be a string"},
      {with_claims("iss = \"https://other.example\""), "claims.iss can never match"},
      {with_claims("aud = \"other\""), "claims.aud can never match"},
      {with_claims("exp = \"1\""), "claims.exp can never match"},
      {with_claims("sub = \"\\n\""), "claims.sub can never match"},
      {with_rules("rules = [{ claims = { a = \"b\" }, role = \"owner\" }]"),
       "rules (1).role is \"owner\""},
      {with_rules("rules = [{ claims = { a = \"b\" }, role = \"view\", clusters = [\"moon\"] }]"),
       "there is no [cluster.moon]"},
      {with_rules("rules = [{ claims = { a = \"b\" }, role = \"view\" }, "
                  "{ claims = { a = \"b\", c = \"d\" }, role = \"admin\" }]"),
       "access.oidc.ci.rules (2) can never match: rule 1 comes before it"},
      {with_rules("rules = [1]"), "rules (1) is a whole number, but must be a table"},
  }};
  for (const auto& [text, wanted] : mistakes)
    BOOST_TEST_CONTEXT(text) {
      const auto told = refusal_of(text);
      BOOST_TEST(told.find(wanted) != std::string::npos, told);
    }
  BOOST_TEST(read_issuers_of(with_claims("iss = \"https://ci.example\"")).has_value());
  BOOST_TEST(read_issuers_of(with_claims("aud = \"pawl\", sub = \"job\"")).has_value());
}

BOOST_AUTO_TEST_CASE(a_user_of_the_file_cannot_be_mistaken_for_one_of_an_issuer) {
  const auto told =
      refusal_of(with_claims("a = \"b\"") + "[access.users]\n\"ci:job\" = { role = \"admin\" }");
  BOOST_TEST(told.find("access.users.ci:job would be mistaken") != std::string::npos, told);
  BOOST_TEST(read_issuers_of(with_claims("a = \"b\"") +
                             "[access.users]\n\"cid:job\" = { role = \"admin\" }")
                 .has_value());
}

BOOST_AUTO_TEST_SUITE_END()
