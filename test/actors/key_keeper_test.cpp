// Logins by signed tokens: whose keys are asked for, when, and for how long they count. The issuers
// are the test's: a token is "ISSUER.KEY.SUBJECT" here.
#include "test/actors/session_fixture.hpp"

#include <fmt/format.h>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

const peer ci_job{"", 0, "192.0.2.7"};

// The parts between the dots.
std::array<std::string, 3> parts_of(const secret& token) {
  const std::string text{token.reveal()};
  const auto first = text.find('.');
  const auto second = text.find('.', first + 1);
  return {text.substr(0, first), text.substr(first + 1, second - first - 1),
          text.substr(second + 1)};
}

struct fake_issuers final : issuer_client {
  struct keys final : key_set {
    std::set<std::string, std::less<>> ids;
    oidc_claims claims;

    bool has(std::string_view key) const override { return ids.contains(key); }
    result<oidc_claims> verify(const secret& token) const override {
      auto read = claims;
      read.subject = parts_of(token)[2];
      if (read.subject == "forged")
        return error{errc::unauthenticated, "its signature is wrong", {}};
      return read;
    }
  };

  std::set<std::string, std::less<>> published{"k1"};
  oidc_claims claims{.issuer = "ci",
                     .subject = {},
                     .audiences = {"pawl"},
                     .expires_at = {},
                     .texts = {{"repository", "acme/shop"}}};
  bool is_down = false;
  mutable unsigned fetches = 0;
  std::function<void()> while_fetching = [] {};

  std::optional<token_heading> heading(const secret& token) const override {
    const auto parts = parts_of(token);
    return token_heading{parts[0], parts[1]};
  }

  result<std::shared_ptr<const key_set>> fetch_keys(const oidc_issuer& from) const override {
    BOOST_TEST(from.url == "ci");
    ++fetches;
    while_fetching();
    if (is_down)
      return error{errc::unavailable, "nobody listens", {}};
    auto made = std::make_shared<keys>();
    made->ids = published;
    made->claims = claims;
    return std::shared_ptr<const key_set>{std::move(made)};
  }
};

struct signed_logins : session_fixture {
  std::shared_ptr<fake_issuers> issuers = std::make_shared<fake_issuers>();
  std::vector<std::string> log;

  signed_logins() {
    issuers->claims.expires_at = world->wall + 10 * 24h;
    parts->issuers = issuers;
    parts->access.issuers = {{"github",
                              "ci",
                              "pawl",
                              {},
                              {{{{"repository", "acme/shop"}}, {role::view, {"shop"}, {}}}}}};
    parts->log = [this](std::string_view line) { log.emplace_back(line); };
    restart();
  }

  // The answer to the greeting on a new connection: nothing, or the code of its refusal.
  std::optional<errc> log_in(const std::string& token) {
    connect(ci_job);
    greet(secret{token});
    BOOST_REQUIRE(client->frames.size() == 1U);
    if (std::holds_alternative<protocol::hello>(client->frames.front().body))
      return std::nullopt;
    BOOST_TEST(client->closed);
    return last<protocol::refused>().error.code;
  }

  bool is_let_in(const std::string& token) { return !log_in(token).has_value(); }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(logins_by_signed_tokens, signed_logins)

BOOST_AUTO_TEST_CASE(a_signed_token_opens_a_connection_in_its_name_with_the_rights_of_its_rule) {
  BOOST_REQUIRE(is_let_in("ci.k1.job"));
  const auto who = get<protocol::whoami>(protocol::whoami_request{});
  BOOST_TEST(who.user == "github:job");
  BOOST_TEST((who.grant == grant{role::view, {"shop"}, {}}));
  BOOST_TEST((who.authenticated_by == credential::oidc));
  BOOST_TEST((who.expires_at == issuers->claims.expires_at));
  BOOST_TEST((refusal(deploy_of("r1")) == errc::permission_denied));
  BOOST_TEST((refusal(deploy_of("r2", "blog")) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(the_connection_ends_with_its_token) {
  issuers->claims.expires_at = world->wall + 5min;
  BOOST_REQUIRE(is_let_in("ci.k1.job"));
  client->frames.clear();
  advance(5min - 1s);
  BOOST_TEST(!client->closed);
  advance(1s);
  const auto why = last<protocol::refused>().error;
  BOOST_TEST((why.code == errc::unauthenticated));
  BOOST_TEST(why.message.find("github:job expired") != std::string::npos, why.message);
  BOOST_TEST(why.message.find("ask its issuer") != std::string::npos, why.message);
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_CASE(nobody_learns_why_a_token_is_not_right) {
  connect(ci_job);
  greet(secret{"pawl_nonsense"});
  const auto unknown = last<protocol::refused>().error.message;
  for (const auto* bad : {"elsewhere.k1.job", "ci.k1.forged", "ci.k2.job", "ci.k1.two words"}) {
    BOOST_TEST((log_in(bad) == errc::unauthenticated), bad);
    BOOST_TEST(last<protocol::refused>().error.message == unknown);
  }
  advance(limits::issuer_keys_pause);
  issuers->claims.texts.clear();
  BOOST_TEST((log_in("ci.k2.job") == errc::unauthenticated));
  BOOST_TEST((log_in("ci.k1.job") == errc::unauthenticated));
  BOOST_TEST(last<protocol::refused>().error.message == unknown);
  BOOST_TEST(log.back().find("it matches no rule (github:job)") != std::string::npos, log.back());
}

BOOST_AUTO_TEST_CASE(only_who_would_be_let_in_is_told_that_a_token_has_expired) {
  issuers->claims.expires_at = world->wall;
  BOOST_TEST((log_in("ci.k1.job") == errc::unauthenticated));
  BOOST_TEST(last<protocol::refused>().error.message.find("github:job expired") !=
             std::string::npos);
  BOOST_TEST((log_in("ci.k1.forged") == errc::unauthenticated));
  BOOST_TEST(last<protocol::refused>().error.message.find("expired") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_without_issuers_takes_no_signed_token) {
  parts->access.issuers.clear();
  restart();
  BOOST_TEST((log_in("ci.k1.job") == errc::unauthenticated));
  BOOST_TEST(issuers->fetches == 0U);
}

BOOST_AUTO_TEST_CASE(keys_are_fetched_once_for_many_logins) {
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(is_let_in("ci.k1.job"));
  BOOST_TEST(issuers->fetches == 1U);
}

BOOST_AUTO_TEST_CASE(a_new_key_is_fetched_when_a_token_names_it) {
  BOOST_TEST(is_let_in("ci.k1.job"));
  advance(limits::issuer_keys_pause);
  issuers->published = {"k2"};
  BOOST_TEST(is_let_in("ci.k2.job"));
  BOOST_TEST(issuers->fetches == 2U);
  BOOST_TEST((log_in("ci.k1.job") == errc::unauthenticated)); // it was withdrawn
}

BOOST_AUTO_TEST_CASE(strangers_make_the_server_ask_once_a_minute) {
  for (int i = 0; i < 5; ++i)
    BOOST_TEST((log_in(fmt::format("ci.x{}.job", i)) == errc::unauthenticated));
  BOOST_TEST(issuers->fetches == 1U);
  BOOST_TEST(is_let_in("ci.k1.job"));
  advance(limits::issuer_keys_pause);
  BOOST_TEST((log_in("ci.x9.job") == errc::unauthenticated));
  BOOST_TEST(issuers->fetches == 2U);
}

BOOST_AUTO_TEST_CASE(an_issuer_that_is_down_is_said_and_its_old_keys_count_for_a_day) {
  issuers->is_down = true;
  BOOST_TEST((log_in("ci.k1.job") == errc::unavailable));
  BOOST_TEST(log.back().find("could not be fetched from ci: nobody listens") != std::string::npos,
             log.back());
  BOOST_TEST((log_in("ci.k1.job") == errc::unavailable));
  BOOST_TEST(issuers->fetches == 1U);
  advance(limits::issuer_keys_pause);
  issuers->is_down = false;
  BOOST_TEST(is_let_in("ci.k1.job"));
  issuers->is_down = true;
  advance(limits::issuer_keys_kept - 1min);
  BOOST_TEST(is_let_in("ci.k1.job"));
  BOOST_TEST(issuers->fetches == 3U);                     // tried anew, in vain
  BOOST_TEST((log_in("ci.k2.job") == errc::unavailable)); // nobody can say
  advance(1min);
  BOOST_TEST((log_in("ci.k1.job") == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(keys_that_were_withdrawn_end_within_the_hour) {
  BOOST_TEST(is_let_in("ci.k1.job"));
  issuers->published = {"k2"};
  advance(limits::issuer_keys_fresh);
  BOOST_TEST(is_let_in("ci.k1.job")); // which has them fetched
  BOOST_TEST((log_in("ci.k1.job") == errc::unauthenticated));
}

BOOST_AUTO_TEST_CASE(requests_behind_the_greeting_wait_for_the_check) {
  connect(ci_job);
  push(1, protocol::hello{protocol::version, "pawl 0.1.0", secret{"ci.k1.job"}});
  push(2, protocol::whoami_request{});
  run();
  BOOST_REQUIRE(client->frames.size() == 2U);
  BOOST_TEST(client->frames[0].ref == 1U);
  BOOST_TEST(client->frames[1].ref == 2U);
  BOOST_TEST(client->handled == 2U);
}

BOOST_AUTO_TEST_CASE(what_waits_behind_a_bad_token_is_not_answered) {
  connect(ci_job);
  push(1, protocol::hello{protocol::version, "pawl 0.1.0", secret{"ci.k9.job"}});
  push(2, protocol::whoami_request{});
  run();
  BOOST_TEST(client->frames.size() == 1U);
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_CASE(fetchers_end_and_another_keeper_takes_over) {
  BOOST_TEST(is_let_in("ci.k1.job"));
  disconnect();
  const auto before = running();
  advance(limits::issuer_keys_pause);
  BOOST_TEST((log_in("ci.k7.job") == errc::unauthenticated));
  disconnect();
  BOOST_TEST(running() == before);
  issuers->while_fetching = [this] {
    issuers->while_fetching = [] {};
    throw std::runtime_error{"the test ends the fetcher"};
  };
  advance(limits::issuer_keys_pause);
  connect(ci_job);
  greet(secret{"ci.k7.job"});
  advance(limits::issuer_patience);
  BOOST_TEST((last<protocol::refused>().error.code == errc::unavailable));
  disconnect();
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_SUITE_END()
