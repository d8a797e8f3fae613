// Which rights a signed token gives, and when keys are fetched.
#include "lifecycle/issuer_keys.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/oidc.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace std::chrono_literals;

namespace {

constexpr timestamp checked_at{1'000'000s};

struct token_of_ci {
  oidc_issuer issuer{
      "ci",
      "https://ci.example",
      "pawl",
      {},
      {{{{"repository", "acme/shop"}, {"ref", "refs/heads/main"}}, {role::deploy, {"shop"}, {}}},
       {{{"repository", "acme/shop"}}, {role::view, {"shop"}, {}}}}};
  oidc_claims token{.issuer = "https://ci.example",
                    .subject = "repo:acme/shop",
                    .audiences = {"other", "pawl"},
                    .expires_at = checked_at + 10min,
                    .not_before = checked_at,
                    .texts = {{"repository", "acme/shop"}, {"ref", "refs/heads/main"}}};

  std::optional<oidc_fault> fault() const { return judge(issuer, token, checked_at).fault; }
};

using ms = std::chrono::milliseconds;

} // namespace

BOOST_FIXTURE_TEST_SUITE(oidc_rules, token_of_ci)

BOOST_AUTO_TEST_CASE(the_first_rule_that_matches_gives_the_rights) {
  const auto verdict = judge(issuer, token, checked_at);
  BOOST_TEST(!verdict.fault.has_value());
  BOOST_TEST(verdict.user == "ci:repo:acme/shop");
  BOOST_REQUIRE(verdict.grant != nullptr);
  BOOST_TEST((*verdict.grant == grant{role::deploy, {"shop"}, {}}));
  token.texts["ref"] = "refs/heads/other";
  BOOST_TEST((*judge(issuer, token, checked_at).grant == grant{role::view, {"shop"}, {}}));
}

BOOST_AUTO_TEST_CASE(a_claim_is_the_same_to_the_byte) {
  for (const auto* other : {"acme/Shop", "acme/shop ", "acme/sho", "acme/shop2", "", "*"}) {
    token.texts["repository"] = other;
    BOOST_TEST((fault() == oidc_fault::rule), other);
  }
  token.texts.erase("repository"); // as where it is a list
  BOOST_TEST((fault() == oidc_fault::rule));
}

BOOST_AUTO_TEST_CASE(each_claim_that_is_checked_has_to_be_right) {
  auto kept = token;
  token.issuer = "https://ci.example/";
  BOOST_TEST((fault() == oidc_fault::issuer));
  token = kept;
  token.audiences = {"other"};
  BOOST_TEST((fault() == oidc_fault::audience));
  token.audiences = {};
  BOOST_TEST((fault() == oidc_fault::audience));
  token = kept;
  token.subject = "";
  BOOST_TEST((fault() == oidc_fault::subject));
  token.subject = "two\nlines";
  BOOST_TEST((fault() == oidc_fault::subject));
  token.subject = std::string(limits::user_name_bytes - 2, 'x');
  BOOST_TEST((fault() == oidc_fault::subject));
  token.subject.pop_back();
  BOOST_TEST(!fault().has_value());
}

BOOST_AUTO_TEST_CASE(a_token_counts_from_its_beginning_to_its_end) {
  token.expires_at = checked_at;
  BOOST_TEST((fault() == oidc_fault::expired));
  token.expires_at = checked_at + 1ms;
  BOOST_TEST(!fault().has_value());
  token.not_before = checked_at + limits::issuer_clock_leeway;
  BOOST_TEST(!fault().has_value());
  token.not_before = checked_at + limits::issuer_clock_leeway + 1ms;
  BOOST_TEST((fault() == oidc_fault::not_yet));
  token.not_before.reset();
  BOOST_TEST(!fault().has_value());
}

// Only who would be let in is told that the time is over.
BOOST_AUTO_TEST_CASE(the_end_is_looked_at_last) {
  token.expires_at = checked_at;
  token.texts.clear();
  BOOST_TEST((fault() == oidc_fault::rule));
  token.audiences.clear();
  BOOST_TEST((fault() == oidc_fault::audience));
}

BOOST_AUTO_TEST_CASE(a_rule_with_fewer_claims_covers_one_with_more) {
  const auto& [narrow, wide] = std::tie(issuer.rules[0], issuer.rules[1]);
  BOOST_TEST(covers(wide, narrow));
  BOOST_TEST(covers(wide, wide));
  BOOST_TEST(!covers(narrow, wide));
  BOOST_TEST(!covers({{{"repository", "acme/blog"}}, {}}, narrow));
}

BOOST_AUTO_TEST_CASE(a_signed_token_has_three_parts) {
  BOOST_TEST(is_signed_token("eyJh.e30.A-_0"));
  for (const auto* other :
       {"", "pawl_abc", "a.b", "a.b.", ".b.c", "a..c", "a.b.c.d", "a.b.c=", "a.b.c\n", "a b.c.d"})
    BOOST_TEST(!is_signed_token(other), other);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(issuer_keys_rules)

BOOST_AUTO_TEST_CASE(keys_are_fetched_when_they_are_needed_and_once_a_minute) {
  constexpr auto pause = ms{limits::issuer_keys_pause};
  constexpr auto fresh = ms{limits::issuer_keys_fresh};
  struct row {
    issuer_keys_age age;
    bool knows_key;
    key_step step;
  };
  const std::vector<row> rows{
      {{}, false, key_step::fetch},
      {{{}, 0ms, true, false}, false, key_step::wait},
      {{{}, 1s, false, true}, false, key_step::unavailable},
      {{{}, pause, false, true}, false, key_step::fetch},
      {{1s, 1s, false, false}, true, key_step::check},
      {{1s, 1s, false, false}, false, key_step::refuse},
      {{pause, pause, false, false}, false, key_step::fetch},
      {{pause, 1s, true, false}, false, key_step::wait},
      {{pause, 1s, false, true}, false, key_step::unavailable},
      {{fresh - 1ms, fresh - 1ms, false, false}, true, key_step::check},
      {{fresh, fresh, false, false}, true, key_step::check_and_fetch},
      {{fresh, 1s, false, true}, true, key_step::check},
      {{fresh, 1s, true, false}, true, key_step::check},
  };
  for (std::size_t i = 0; i < rows.size(); ++i)
    BOOST_TEST((next_key_step(rows[i].age, rows[i].knows_key) == rows[i].step), "row " << i);
}

BOOST_AUTO_TEST_CASE(old_keys_count_while_the_issuer_is_silent_and_not_for_ever) {
  constexpr auto kept = ms{limits::issuer_keys_kept};
  BOOST_TEST((next_key_step({kept - 1ms, 1s, false, true}, true) == key_step::check));
  BOOST_TEST((next_key_step({kept, 1s, false, true}, true) == key_step::unavailable));
  BOOST_TEST((next_key_step({kept, 1s, true, true}, true) == key_step::wait));
  BOOST_TEST(
      (next_key_step({kept, ms{limits::issuer_keys_pause}, false, true}, true) == key_step::fetch));
}

BOOST_AUTO_TEST_SUITE_END()
