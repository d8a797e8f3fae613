// Frozen lanes: what may begin in them, who may freeze them, and what the audit journal is told.
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

const lane_key frozen_shop{"shop", "local"};

struct freeze_fixture : session_fixture {
  protocol::frozen freeze(std::optional<std::string> app = {}, std::optional<duration> lasts = {}) {
    protocol::freeze_request asked{std::move(app), {}, "the sale", {}};
    if (lasts)
      asked.until = world->wall + *lasts;
    return get<protocol::frozen>(asked);
  }

  protocol::promote_request promotion(const std::string& request_id) const {
    return {request_id, "shop", "local", version_number{1}, {}, {}, {}};
  }

  error refused(protocol::message body) { return get<protocol::refused>(std::move(body)).error; }

  protocol::lane_view status() {
    const auto list = get<protocol::lane_list>(protocol::status_request{});
    BOOST_REQUIRE(list.lanes.size() == 1U);
    return list.lanes.front();
  }

  // "ACTION OUTCOME" of each record, oldest first.
  std::string audited() {
    std::string all;
    const auto page = records->audit({.limit = limits::history_page_max});
    BOOST_REQUIRE(page.has_value());
    for (auto one = page->records.rbegin(); one != page->records.rend(); ++one)
      all += fmt::format("{}{} {}", all.empty() ? "" : ", ", one->action,
                         one->code ? to_string(*one->code) : to_string(one->outcome));
    return all;
  }

  audit_record last_audited() {
    const auto page = records->audit({});
    BOOST_REQUIRE(page.has_value() && !page->records.empty());
    return page->records.front();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(frozen_lanes, freeze_fixture)

BOOST_AUTO_TEST_CASE(a_frozen_lane_refuses_deploys_and_promotions_and_says_by_whom_and_why) {
  deploy_over_wire("r0");
  deploy_over_wire("r1");
  const auto set = freeze({}, 2h);
  BOOST_TEST(set.freeze.by == "ann");
  for (const auto& body :
       {protocol::message{deploy_of("r2")}, protocol::message{promotion("r3")}}) {
    const auto why = refused(body);
    BOOST_TEST(why.code == errc::frozen);
    BOOST_TEST(why.details.at("by") == "ann");
    BOOST_TEST(why.details.at("reason") == "the sale");
    BOOST_TEST(why.details.at("until") == format_time(*set.freeze.until));
  }
  BOOST_TEST(records->unfinished(frozen_shop)->empty());
  BOOST_TEST(world->sources->open.empty());
  BOOST_TEST(audited() == "deploy done, deploy done, freeze done, deploy frozen, promote frozen");
}

BOOST_AUTO_TEST_CASE(a_rollback_and_a_cancel_are_always_allowed) {
  deploy_over_wire("r1");
  deploy_over_wire("r2");
  const auto under_way = get<protocol::accepted>(deploy_of("r3")).deployment;
  freeze("shop");
  get<protocol::shown>(protocol::cancel_request{under_way.id, {}, {}});
  BOOST_TEST(state_of(under_way.id) == state::cancelled);
  get<protocol::accepted>(protocol::rollback_request{"r4", "shop", "local", {}, {}, {}, false});
  advance(1s);
  BOOST_TEST(status().active->version.value() == version_number{1});
}

BOOST_AUTO_TEST_CASE(what_is_in_flight_goes_on_and_what_waits_fails_when_its_turn_comes) {
  const auto first = get<protocol::accepted>(deploy_of("r1")).deployment;
  auto second_request = deploy_of("r2");
  second_request.when_busy = when_busy::queue;
  const auto second = get<protocol::accepted>(second_request).deployment;
  auto third_request = deploy_of("r3");
  third_request.when_busy = when_busy::queue;
  third_request.override_freeze = "the fix for the sale";
  const auto third = get<protocol::accepted>(third_request).deployment;
  freeze("shop");
  get<protocol::upload_progress>(protocol::upload_chunk{first.id, 0, std::vector<char>(100, 'x')});
  advance(1s);
  BOOST_TEST(state_of(first.id) == state::active);
  BOOST_TEST(path_of(second.id) == "queued failed");
  BOOST_TEST(record(second.id).error->code == errc::frozen);
  BOOST_TEST(state_of(third.id) == state::preparing);
}

BOOST_AUTO_TEST_CASE(the_same_request_again_is_answered_in_a_frozen_lane_too) {
  const auto first = get<protocol::accepted>(deploy_of("r1")).deployment;
  freeze();
  BOOST_TEST(get<protocol::accepted>(deploy_of("r1")).deployment.id == first.id);
}

BOOST_AUTO_TEST_CASE(a_freeze_ends_by_itself) {
  deploy_over_wire("r1");
  freeze("shop", 1h);
  advance(1h - 1ms);
  BOOST_TEST(refusal(deploy_of("r2")) == errc::frozen);
  BOOST_TEST(status().frozen.has_value());
  advance(1ms);
  BOOST_TEST(!status().frozen);
  get<protocol::accepted>(deploy_of("r3"));
}

BOOST_AUTO_TEST_CASE(only_exactly_this_scope_is_lifted) {
  deploy_over_wire("r1");
  freeze("shop");
  freeze();
  BOOST_TEST(refusal(protocol::unfreeze_request{"shop", "local"}) == errc::not_found);
  get<protocol::unfrozen>(protocol::unfreeze_request{"shop", {}});
  BOOST_TEST(refusal(deploy_of("r2")) == errc::frozen);
  get<protocol::unfrozen>(protocol::unfreeze_request{});
  BOOST_TEST(!status().frozen);
  get<protocol::accepted>(deploy_of("r3"));
  BOOST_TEST(audited() == "deploy done, freeze done, freeze done, unfreeze not_found, unfreeze "
                          "done, deploy frozen, unfreeze done, deploy done");
}

BOOST_AUTO_TEST_CASE(freezes_outlive_the_server_and_its_writer) {
  deploy_over_wire("r1");
  freeze();
  caf::anon_send_exit(actors.writer, caf::exit_reason::kill);
  advance(1s);
  BOOST_TEST(refusal(deploy_of("r2")) == errc::frozen);
  restart();
  connect();
  say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
  BOOST_TEST(refusal(deploy_of("r3")) == errc::frozen);
  BOOST_TEST(status().frozen->reason == "the sale");
}

BOOST_AUTO_TEST_CASE(a_freeze_that_could_not_be_stored_does_not_hold) {
  deploy_over_wire("r1");
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  BOOST_TEST(refusal(protocol::freeze_request{{}, {}, "the sale", {}}) == errc::resource_exhausted);
  BOOST_TEST(!status().frozen);
}

BOOST_AUTO_TEST_CASE(a_freeze_that_would_do_nothing_is_refused) {
  deploy_over_wire("r1");
  const auto past = refused(protocol::freeze_request{{}, {}, "sale", world->wall});
  BOOST_TEST(past.code == errc::invalid_argument);
  BOOST_TEST(past.message.find("--until") != std::string::npos);
  BOOST_TEST(refusal(protocol::freeze_request{{}, "production", "sale", {}}) == errc::not_found);
  BOOST_TEST(refusal(protocol::freeze_request{"shpo", {}, "sale", {}}) == errc::not_found);
  BOOST_TEST(records->freezes()->empty());
}

BOOST_AUTO_TEST_CASE(overriding_a_freeze_is_told_with_its_reason) {
  deploy_over_wire("r1");
  freeze();
  auto asked = deploy_of("r2");
  asked.override_freeze = "the shop is down";
  const auto d = get<protocol::accepted>(asked).deployment;
  BOOST_TEST(audited() == "deploy done, freeze done, deploy done, override_freeze done");
  const auto told = last_audited();
  BOOST_TEST(told.target.value() == d.id);
  BOOST_TEST(told.by == "ann");
  BOOST_TEST(told.address == "unix");
  BOOST_TEST(told.app.value() == "shop");
  BOOST_TEST(told.detail == "the shop is down");
}

BOOST_AUTO_TEST_CASE(what_the_store_has_removed_freezes_nothing_any_more) {
  present_freezes known;
  const auto noon = world->wall;
  const freeze_record first{"shop", {}, "sale", "ann", noon, noon + 1h};
  const freeze_record next{"blog", {}, "sale", "ann", noon + 1h, {}};
  known.note({.freeze = first});
  BOOST_TEST(known.find(frozen_shop, noon, {}).has_value());
  known.note({.freeze = next, .over_freezes = {first}});
  BOOST_TEST(!known.find(frozen_shop, noon, {}));
  BOOST_TEST(known.find({"blog", "local"}, noon, {}).has_value());
}

BOOST_AUTO_TEST_CASE(a_windows_lanes_are_frozen_by_the_clock) {
  deploy_over_wire("r1");
  // Half an hour from now, for an hour, by UTC.
  const auto today = std::chrono::floor<std::chrono::days>(world->wall);
  const auto since_monday = std::chrono::floor<std::chrono::minutes>(
      world->wall - (today - (std::chrono::weekday{today} - std::chrono::Monday)));
  freeze_window window{"Mon 00:30 - Mon 01:30 UTC", since_monday + 30min, since_monday + 90min,
                       std::make_shared<const time_zone>(time_zone{"UTC", 0s, {}})};
  parts->clusters.front().freeze = {window};
  restart();
  connect();
  say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
  BOOST_TEST(!status().frozen);
  advance(29min);
  const auto admitted_before = get<protocol::accepted>(deploy_of("r2")).deployment;
  get<protocol::shown>(protocol::cancel_request{admitted_before.id, {}, {}});
  advance(1min);
  const auto why = refused(deploy_of("r3"));
  BOOST_TEST(why.code == errc::frozen);
  BOOST_TEST(why.message.find("\"Mon 00:30 - Mon 01:30 UTC\"") != std::string::npos, why.message);
  BOOST_TEST(status().frozen->by == "the server's configuration");
  advance(60min);
  get<protocol::accepted>(deploy_of("r4"));
}

BOOST_AUTO_TEST_SUITE_END()
