// The audit journal: what sessions tell it, and to whom it is shown.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct audit_fixture : session_fixture {
  // From here on the client is this user, who is not the server's owner.
  void speak_as(const grant& given) {
    parts->access.users["bob"] = given;
    connect({"bob", 2000});
    greet();
  }

  std::vector<audit_record> told() const {
    auto page = records->audit({.limit = limits::history_page_max});
    BOOST_REQUIRE(page.has_value());
    std::reverse(page->records.begin(), page->records.end());
    return std::move(page->records);
  }

  // "WHO ACTION APP TARGET OUTCOME" of each record, oldest first.
  std::string texts() const {
    std::string all;
    for (const auto& one : told())
      all += fmt::format("{}{} {} {} {} {}", all.empty() ? "" : ", ", one.by, one.action,
                         one.app.value_or("-"), one.target.value_or("-"),
                         one.code ? to_string(*one.code) : to_string(one.outcome));
    return all;
  }

  // "ACTION OUTCOME" of each record, oldest first.
  std::string outcomes() const {
    std::string all;
    for (const auto& one : told())
      all += fmt::format("{}{} {}", all.empty() ? "" : ", ", one.action,
                         one.code ? to_string(*one.code) : to_string(one.outcome));
    return all;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(audit_of_sessions, audit_fixture)

BOOST_AUTO_TEST_CASE(each_request_that_changes_something_is_told_once) {
  const auto first = deploy_over_wire("r1");
  deploy_over_wire("r2");
  get<protocol::accepted>(deploy_of("r2")); // known already
  get<protocol::accepted>(protocol::rollback_request{"r3", "shop", "local", {}, {}, {}, false});
  advance(1s);
  refusal(protocol::promote_request{"r4", "shop", "local", {1}, {}}); // live already
  refusal(protocol::cancel_request{{}, "shop", "local"});
  get<protocol::destroyed>(protocol::destroy_request{"shop", "local"});
  refusal(protocol::destroy_request{"blog", "local"});
  BOOST_TEST(outcomes() == "deploy done, deploy done, rollback done, promote invalid_argument, "
                           "cancel not_found, destroy done, destroy not_found");
  BOOST_TEST(get<protocol::audit_list>(protocol::audit_request{.action = "deploy"})
                 .records.back()
                 .target.value() == first.id);
}

BOOST_AUTO_TEST_CASE(a_refusal_is_answered_also_if_the_journal_cannot_be_told) {
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  BOOST_TEST(refusal(protocol::destroy_request{"blog", "local"}) == errc::not_found);
  BOOST_TEST(told().empty());
}

BOOST_AUTO_TEST_CASE(a_refusal_for_want_of_rights_is_told) {
  speak_as({role::view, {"shop"}, {}});
  BOOST_TEST(refusal(deploy_of("r1")) == errc::permission_denied);
  BOOST_TEST(refusal(protocol::destroy_request{"shop", "local"}) == errc::permission_denied);
  BOOST_TEST(refusal(protocol::audit_request{}) == errc::permission_denied);
  BOOST_TEST(refusal(protocol::token_list_request{}) == errc::permission_denied);
  BOOST_TEST(refusal(protocol::token_create_request{"ci", {}, {}, false}) ==
             errc::permission_denied);
  BOOST_TEST(texts() == "bob deploy shop - permission_denied, bob destroy shop - "
                        "permission_denied, bob read_audit - - permission_denied, bob list_tokens "
                        "- - permission_denied, bob create_token - ci permission_denied");
  BOOST_TEST(told().front().cluster.value_or("") == deploy_of("r1").cluster);
  BOOST_TEST(told().front().detail.find("role view") != std::string::npos);
}

// It is answered as an unknown name, but it is no slip of somebody who sees all.
BOOST_AUTO_TEST_CASE(a_look_at_what_is_not_seen_is_told_and_a_slip_of_an_admin_is_not) {
  const auto foreign = deploy_over_wire("r1", "blog");
  const auto before = told().size();
  BOOST_TEST(refusal(protocol::show_request{"zzzzzzzzzzzzzzzzz"}) == errc::not_found);
  BOOST_TEST(refusal(protocol::versions_request{"nope", {}}) == errc::not_found);
  BOOST_TEST(told().size() == before);
  speak_as({role::view, {"shop"}, {}});
  get<protocol::lane_list>(protocol::status_request{});
  BOOST_TEST(told().size() == before);
  BOOST_TEST(refusal(protocol::show_request{foreign.id}) == errc::not_found);
  BOOST_TEST(refusal(protocol::history_request{.app = "blog"}) == errc::not_found);
  BOOST_TEST(texts() == "ann deploy blog " + foreign.id + " done, bob read - " + foreign.id +
                            " not_found, bob read blog - not_found");
}

BOOST_AUTO_TEST_CASE(a_cancel_by_its_id_is_told_with_its_lane) {
  const auto d = get<protocol::accepted>(deploy_of("r1")).deployment;
  get<protocol::shown>(protocol::cancel_request{d.id, {}, {}});
  const auto last = told().back();
  BOOST_TEST(last.action == "cancel");
  BOOST_TEST(last.app.value_or("") == "shop");
  BOOST_TEST(last.cluster.value_or("") == "local");
  BOOST_TEST(last.target.value_or("") == d.id);
}

// The words of the client beside the id count for nothing.
BOOST_AUTO_TEST_CASE(a_refused_cancel_by_its_id_is_told_with_its_lane_too) {
  const auto d = get<protocol::accepted>(deploy_of("r1")).deployment;
  speak_as({role::view, {"shop"}, {}});
  BOOST_TEST(refusal(protocol::cancel_request{d.id, "blog", "production"}) ==
             errc::permission_denied);
  BOOST_TEST(told().back().app.value_or("") == "shop");
  BOOST_TEST(told().back().cluster.value_or("") == "local");
}

BOOST_AUTO_TEST_CASE(tokens_are_told_without_their_text) {
  const auto made = get<protocol::token_created>(
      protocol::token_create_request{"ci", {role::deploy, {"shop"}, {}}, {}, false});
  BOOST_TEST(refusal(protocol::token_create_request{"ci", {}, {}, false}) ==
             errc::invalid_argument);
  get<protocol::token_revoked>(protocol::token_revoke_request{"ci"});
  BOOST_TEST(refusal(protocol::token_revoke_request{"ci"}) == errc::not_found);
  BOOST_TEST(texts() == "ann create_token - ci done, ann create_token - ci invalid_argument, ann "
                        "revoke_token - ci done, ann revoke_token - ci not_found");
  BOOST_TEST(
      told().front().detail.starts_with("role deploy, apps: shop, clusters: all, expires 20"),
      told().front().detail);
  for (const auto& one : told())
    BOOST_TEST(one.detail.find(std::string{made.token.reveal()}) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_token_and_its_record_are_stored_together_or_not_at_all) {
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  BOOST_TEST(refusal(protocol::token_create_request{"ci", {}, {}, false}) ==
             errc::resource_exhausted);
  BOOST_TEST(records->tokens()->empty());
  BOOST_TEST(texts() == "ann create_token - ci resource_exhausted");
}

BOOST_AUTO_TEST_CASE(failed_logins_are_counted_by_their_address) {
  for (const auto* address : {"192.0.2.7", "192.0.2.7", "192.0.2.8"}) {
    connect({"", 0, address});
    greet(secret{"x"});
  }
  connect({"carl", 2001}); // of this machine, without an entry
  greet();
  BOOST_TEST(told().empty());
  advance(limits::audit_minute);
  std::string all;
  for (const auto& one : told())
    all += fmt::format("{} {} {}; ", one.action, one.address, one.detail);
  BOOST_TEST(all == "login 192.0.2.7 2 failed logins; login 192.0.2.8 1 failed login; login unix 1 "
                    "failed login; ");
}

BOOST_AUTO_TEST_CASE(an_admin_of_some_apps_sees_the_records_of_these) {
  deploy_over_wire("r1", "blog");
  deploy_over_wire("r2", "shop");
  get<protocol::token_created>(protocol::token_create_request{"ci", {}, {}, false});
  BOOST_TEST(get<protocol::audit_list>(protocol::audit_request{}).records.size() == 3U);
  speak_as({role::admin, {"shop"}, {}});
  std::vector<std::string> seen;
  protocol::audit_request request{.limit = 1};
  do {
    const auto page = get<protocol::audit_list>(request);
    for (const auto& one : page.records)
      seen.push_back(one.action + " " + one.app.value_or("-"));
    request.cursor = page.next_cursor;
  } while (request.cursor && seen.size() < 9);
  BOOST_TEST((seen == std::vector<std::string>{"deploy shop"}));
  BOOST_TEST(refusal(protocol::audit_request{.app = "blog"}) == errc::not_found);
}

// The reason of a refusal was meant for the one who asked, and may name what they alone see.
BOOST_AUTO_TEST_CASE(reasons_of_refusals_are_shown_to_those_who_see_all) {
  deploy_over_wire("r1", "blog");
  deploy_over_wire("r2", "shop");
  get<protocol::frozen>(protocol::freeze_request{"blog", {}, "the sale", {}});
  BOOST_TEST(refusal(protocol::unfreeze_request{"shop", {}}) == errc::not_found);
  const auto newest = [this] {
    return get<protocol::audit_list>(protocol::audit_request{.app = "shop"}).records.front();
  };
  BOOST_TEST(newest().detail.find("blog") != std::string::npos);
  speak_as({role::admin, {"shop"}, {}});
  BOOST_TEST((newest().code == errc::not_found));
  BOOST_TEST(newest().detail.empty());
}

BOOST_AUTO_TEST_SUITE_END()
