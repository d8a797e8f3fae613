// Tokens are stored once under a name, changed by those who read them, and revoked; over both
// stores in lock-step.
#include "persistence/lmdb/records.hpp"
#include "persistence/token_digest.hpp"
#include "test/persistence/both_stores.hpp"
#include "test/persistence/raw_file.hpp"
#include "test/persistence/samples.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

using namespace pawl;
using namespace pawl::test;

namespace {

struct tokens_fixture {
  both_stores stores;

  token_record create(const std::string& whose) {
    auto kept = commit_one(stores, {.token = sample_token(whose)});
    BOOST_REQUIRE(kept.has_value());
    return kept->token.value();
  }

  std::string refusal(change wanted) {
    auto refused = commit_one(stores, std::move(wanted));
    BOOST_REQUIRE(!refused.has_value());
    return std::string{to_string(refused.error().code)};
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(tokens_of_stores, tokens_fixture)

BOOST_AUTO_TEST_CASE(tokens_are_listed_by_name_also_after_a_restart) {
  BOOST_TEST(stores.tokens()->empty());
  const std::vector<token_record> both{create("a"), create("b")};
  BOOST_TEST(both.front().revision == 1U);
  stores.reopen();
  BOOST_TEST((*stores.tokens() == both));
}

BOOST_AUTO_TEST_CASE(a_name_is_given_once) {
  create("ci");
  BOOST_TEST(refusal({.token = sample_token("ci")}) == "invalid_transition");
  auto other = sample_token("ci", 1);
  other.digest = token_digest(secret{"another"});
  BOOST_TEST(refusal({.token = other}) == "invalid_transition");
}

BOOST_AUTO_TEST_CASE(the_last_use_of_a_token_is_changed_by_those_who_have_read_it) {
  auto token = create("ci");
  token.last_used_at = at(500);
  BOOST_TEST(commit_one(stores, {.token = token})->token->revision == 2U);
  BOOST_TEST(stores.tokens()->front().last_used_at.value() == at(500));
  BOOST_TEST(refusal({.token = token}) == "invalid_transition"); // read before
}

BOOST_AUTO_TEST_CASE(a_revoked_token_is_gone_and_its_use_is_not_noted_any_more) {
  const auto token = create("ci");
  const auto kept = commit_one(stores, {.revoked_token = token});
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST((kept->revoked_token == token));
  BOOST_TEST(stores.tokens()->empty());
  BOOST_TEST(refusal({.token = token}) == "invalid_transition");
  BOOST_TEST(refusal({.revoked_token = token}) == "invalid_transition");
  BOOST_TEST(create("ci").revision == 1U); // the name is free
}

// The second of two that revoke a token does not revoke the next one of that name.
BOOST_AUTO_TEST_CASE(another_token_of_the_same_name_is_not_revoked) {
  const auto first = create("ci");
  BOOST_REQUIRE(commit_one(stores, {.revoked_token = first}).has_value());
  auto next = sample_token("ci");
  next.digest = token_digest(secret{"another"});
  BOOST_REQUIRE(commit_one(stores, {.token = next}).has_value());
  BOOST_TEST(refusal({.revoked_token = first}) == "invalid_transition");
  BOOST_TEST(stores.tokens()->size() == 1U);
}

BOOST_AUTO_TEST_CASE(there_is_a_bound_to_how_many_tokens_there_are) {
  std::vector<change> most;
  for (std::size_t i = 0; i < limits::tokens; ++i)
    most.push_back({.token = sample_token("t" + std::to_string(i))});
  for (const auto& kept : stores.commit(most))
    BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(refusal({.token = sample_token("more")}) == "resource_exhausted");
  BOOST_TEST(commit_one(stores, {.token = sample_token("t0", 1)}).has_value());
}

BOOST_AUTO_TEST_CASE(expired_tokens_make_room_for_a_new_one_when_it_needs_that) {
  std::vector<change> most;
  for (std::size_t i = 0; i + 1 < limits::tokens; ++i)
    most.push_back({.token = sample_token("t" + std::to_string(i))});
  auto lasting = sample_token("lasting");
  lasting.expires_at.reset();
  auto later = sample_token("later");
  later.created_at = *most.front().token->expires_at;
  later.expires_at.reset();
  for (const auto& kept : stores.commit(most))
    BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(commit_one(stores, {.token = later})->expired_tokens.empty()); // there was room
  BOOST_TEST(refusal({.token = lasting}) == "resource_exhausted");
  lasting.created_at = later.created_at;
  const auto kept = commit_one(stores, {.token = lasting});
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->expired_tokens.size() == limits::tokens - 1);
  stores.reopen();
  const auto known = stores.tokens();
  BOOST_REQUIRE(known->size() == 2U);
  BOOST_TEST(known->front().name == "lasting");
  BOOST_TEST(known->back().name == "later");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_token_is_refused) {
  const auto changed = [](const std::function<void(token_record&)>& how) {
    auto token = sample_token("ci");
    how(token);
    return change{.token = token};
  };
  for (const auto& how : std::vector<std::function<void(token_record&)>>{
           [](auto& token) { token.name = "No Name"; },
           [](auto& token) { token.digest = "pawl_secret"; },
           [](auto& token) {
             token.grant.apps = {"shop", "shop"};
           },
           [](auto& token) { token.grant.clusters.assign(limits::granted_names + 1, "local"); },
           [](auto& token) { token.created_by.clear(); },
           [](auto& token) { token.created_by.assign(limits::user_name_bytes + 1, 'x'); },
           [](auto& token) { token.expires_at = timestamp{std::chrono::hours{24 * 366 * 9000}}; }})
    BOOST_TEST(refusal(changed(how)) == "invalid_argument");
}

BOOST_AUTO_TEST_SUITE_END()

// A damaged record lets nobody in, and keeps nobody else out.
BOOST_AUTO_TEST_CASE(a_token_whose_record_does_not_verify_is_none) {
  temporary_directory parent;
  const auto directory = parent.path() / "store";
  {
    auto store = *lmdb_store::open(directory);
    for (const auto* name : {"a", "b"})
      BOOST_REQUIRE(commit_one(*store, {.token = sample_token(name)}).has_value());
  }
  {
    raw_file file{directory};
    auto bytes = file.get(schema::database::tokens, "a");
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    file.put(schema::database::tokens, "a", bytes);
  }
  const auto left = *(*lmdb_store::open(directory))->tokens();
  BOOST_REQUIRE(left.size() == 1U);
  BOOST_TEST(left.front().name == "b");
}
