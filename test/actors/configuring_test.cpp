// The variables of a lane: revisions, the deployments that apply them, and which revision each
// deployment runs with.
#include "test/actors/session_fixture.hpp"
#include "test/actors/warm_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

const lane_key configured_shop{"shop", "local"};

protocol::configure_request setting(const std::string& request_id, const std::string& name,
                                    const std::string& value) {
  protocol::configure_request asked;
  asked.request_id = request_id;
  asked.app = "shop";
  asked.cluster = "local";
  asked.set = {{name, secret{value}}};
  return asked;
}

struct configuring_fixture : warm_fixture {
  result<admitted> configure(protocol::configure_request asked) {
    return ask<result<admitted>>(lane(), configure_lane{std::move(asked), "ann"});
  }

  deployment applied(const std::string& request_id, const std::string& name,
                     const std::string& value) {
    auto how = configure(setting(request_id, name, value));
    BOOST_REQUIRE_MESSAGE(how.has_value(), (how ? "" : how.error().message));
    advance(1s);
    return record(how->deployment.id);
  }

  config_number stage(const std::string& request_id, const std::string& name,
                      const std::string& value) {
    auto asked = setting(request_id, name, value);
    asked.stage = true;
    const auto how = configure(std::move(asked));
    BOOST_REQUIRE(how.has_value());
    BOOST_TEST(how->deployment.id == "");
    return how->staged;
  }

  config_number config_of(const deployment& d) const { return d.config.value_or(0); }

  // With which its first instance was started.
  config_number started_with(const deployment& d) const {
    return world->engine->configs.at(d.id + "-1").value_or(0);
  }

  deployment go_back(const std::string& request_id, bool keep_config = false) {
    start_release what{operation::rollback, request_id, {}, {}, {}, "ann"};
    what.keep_config = keep_config;
    auto how = ask<result<admitted>>(lane(), what);
    BOOST_REQUIRE_MESSAGE(how.has_value(), (how ? "" : how.error().message));
    advance(1s);
    return record(how->deployment.id);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(configuring_lanes, configuring_fixture)

BOOST_AUTO_TEST_CASE(a_change_starts_the_active_version_again_with_the_new_revision) {
  const auto first = go_live("r1");
  BOOST_TEST(config_of(first) == 0U);
  const auto d = applied("c1", "LEVEL", "debug");
  BOOST_TEST(to_string(d.operation) == "configure");
  BOOST_TEST(path_of(d.id) == "activating active");
  BOOST_TEST(path_of(first.id) == "preparing building pushing activating active retired");
  BOOST_TEST((d.version == first.version));
  BOOST_TEST(config_of(d) == 1U);
  BOOST_TEST(started_with(d) == 1U);
  BOOST_TEST(d.message == "set LEVEL");
  BOOST_TEST(records->configuration(configured_shop, 1)->deployment.value() == d.id);
}

BOOST_AUTO_TEST_CASE(without_an_active_version_and_with_stage_the_next_deploy_takes_it) {
  const auto how = configure(setting("c1", "LEVEL", "debug"));
  BOOST_REQUIRE(how.has_value());
  BOOST_TEST(how->staged == 1U);
  const auto first = go_live("r1");
  BOOST_TEST(config_of(first) == 1U);
  BOOST_TEST(started_with(first) == 1U);
  BOOST_TEST(stage("c2", "LEVEL", "info") == 2U);
  BOOST_TEST(live().id == first.id);
  BOOST_TEST(config_of(go_live("r2")) == 2U);
}

BOOST_AUTO_TEST_CASE(the_same_request_again_makes_nothing_new) {
  BOOST_TEST(stage("c1", "LEVEL", "debug") == 1U);
  BOOST_TEST(stage("c0", "OTHER", "1") == 2U);
  BOOST_TEST(stage("c1", "LEVEL", "debug") == 1U); // its answer was lost, and others came since
  BOOST_TEST(records->lane(configured_shop)->configs == 2U);
  go_live("r1");
  const auto d = applied("c2", "LEVEL", "info");
  BOOST_TEST(applied("c2", "LEVEL", "info").id == d.id);
  BOOST_TEST(records->lane(configured_shop)->configs == 3U);
  BOOST_TEST(to_string(ask<result<admitted>>(lane(), request("c2")).error().code) ==
             "invalid_argument");
}

BOOST_AUTO_TEST_CASE(a_revision_that_does_not_become_healthy_does_not_hold) {
  const auto first = go_live("r1");
  const auto good = applied("c1", "LEVEL", "debug");
  world->probe->all_sick = true;
  const auto how = configure(setting("c2", "LEVEL", "broken"));
  BOOST_REQUIRE(how.has_value());
  advance(limits::health_deadline + 1s);
  BOOST_TEST(to_string(record(how->deployment.id).error->code) == "unhealthy");
  BOOST_TEST(live().id == good.id);
  world->probe->all_sick = false;
  const auto next = applied("c3", "OTHER", "1");
  BOOST_TEST(config_of(next) == 3U);
  const auto holds = records->configuration(configured_shop, 3)->variables;
  BOOST_REQUIRE(holds.size() == 2U);
  BOOST_TEST(holds.front().value == "debug");
}

BOOST_AUTO_TEST_CASE(a_rollback_restores_the_revision_that_its_version_ran_with_last) {
  const auto first = go_live("r1");
  const auto configured = applied("c1", "LEVEL", "debug");
  stage("c2", "LEVEL", "info");
  const auto second = go_live("r2");
  BOOST_TEST(config_of(second) == 2U);
  const auto back = go_back("b1");
  BOOST_TEST((back.version == first.version));
  BOOST_TEST(config_of(back) == 1U);
  // The warm instances are those of that revision.
  BOOST_TEST(owner_of_instances(back) == configured.id);
}

BOOST_AUTO_TEST_CASE(a_rollback_can_keep_the_present_variables_and_then_starts_its_own_instances) {
  go_live("r1");
  applied("c1", "LEVEL", "debug");
  stage("c2", "LEVEL", "info");
  go_live("r2");
  const auto back = go_back("b1", true);
  BOOST_TEST(config_of(back) == 2U);
  BOOST_TEST(owner_of_instances(back) == back.id);
  BOOST_TEST(started_with(back) == 2U);
}

BOOST_AUTO_TEST_CASE(a_plan_says_which_names_a_rollback_would_change) {
  stage("c1", "OLD", "1");
  go_live("r1");
  auto both = setting("c2", "NEW", "1");
  both.unset = {"OLD"};
  both.stage = true;
  BOOST_REQUIRE(configure(both).has_value());
  go_live("r2");
  const auto plan = ask<result<protocol::planned>>(lane(), plan_rollback{});
  BOOST_REQUIRE(plan.has_value());
  BOOST_TEST(plan->config.value_or(0) == 1U);
  BOOST_TEST(plan->added == std::vector<std::string>{"OLD"}, boost::test_tools::per_element());
  BOOST_TEST(plan->removed == std::vector<std::string>{"NEW"}, boost::test_tools::per_element());
  const auto kept = ask<result<protocol::planned>>(lane(), plan_rollback{{}, true});
  BOOST_TEST(kept->added.empty());
}

BOOST_AUTO_TEST_CASE(an_instance_that_ends_is_started_again_with_its_own_revision) {
  go_live("r1");
  const auto d = applied("c1", "LEVEL", "debug");
  stage("c2", "LEVEL", "info");
  world->engine->configs.clear();
  world->engine->kill(d.id + "-1");
  run();
  advance(1s);
  BOOST_TEST(started_with(d) == 1U);
}

BOOST_AUTO_TEST_CASE(a_server_that_dies_between_the_revision_and_its_activation_goes_on) {
  go_live("r1");
  world->probe->all_sick = true;
  const auto how = configure(setting("c1", "LEVEL", "debug"));
  BOOST_REQUIRE(how.has_value());
  world->probe->all_sick = false;
  restart();
  advance(5s);
  BOOST_TEST(live().id == how->deployment.id);
  BOOST_TEST(config_of(live()) == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_waits_gets_the_version_that_is_active_when_its_turn_comes) {
  go_live("r1");
  world->probe->all_sick = true;
  const auto next = deploy("r2");
  advance(1s);
  auto asked = setting("c1", "LEVEL", "debug");
  asked.when_busy = when_busy::queue;
  const auto how = configure(asked);
  BOOST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(state_of(how->deployment.id)) == "queued");
  world->probe->all_sick = false;
  for (int i = 0; i < 10; ++i)
    advance(1s);
  BOOST_TEST(live().id == how->deployment.id);
  BOOST_TEST((live().version == record(next.id).version));
}

BOOST_AUTO_TEST_CASE(a_busy_lane_refuses_a_change_and_keeps_no_revision_of_it) {
  go_live("r1");
  world->probe->all_sick = true;
  deploy("r2");
  const auto how = configure(setting("c1", "LEVEL", "debug"));
  BOOST_REQUIRE(!how.has_value());
  BOOST_TEST(to_string(how.error().code) == "in_flight");
  BOOST_TEST(records->lane(configured_shop)->configs == 0U);
}

BOOST_AUTO_TEST_CASE(a_manifest_that_needs_a_variable_is_refused_until_the_lane_has_it) {
  world->manifest_answer->run.env = {{"URL", "db://${HOST_NAME}"}};
  const auto d = deploy("r1");
  advance(1s);
  BOOST_REQUIRE(record(d.id).error.has_value());
  BOOST_TEST(to_string(record(d.id).error->code) == "invalid_argument");
  BOOST_TEST(record(d.id).error->message.find("pawl env set HOST_NAME=…") != std::string::npos);
  stage("c1", "HOST_NAME", "db");
  go_live("r2");
  auto without = setting("c2", "OTHER", "1");
  without.unset = {"HOST_NAME"};
  BOOST_TEST(to_string(configure(without).error().code) == "invalid_argument");
  BOOST_TEST(records->lane(configured_shop)->configs == 1U);
}

BOOST_AUTO_TEST_CASE(an_unknown_revision_is_refused_and_an_old_one_comes_back_as_a_new_one) {
  stage("c1", "LEVEL", "debug");
  stage("c2", "LEVEL", "info");
  protocol::configure_request asked;
  asked.request_id = "c3";
  asked.restore = 7;
  BOOST_TEST(to_string(configure(asked).error().code) == "invalid_argument");
  asked.restore = 1;
  BOOST_TEST(configure(asked)->staged == 3U);
  BOOST_TEST(records->configuration(configured_shop, 3)->variables.front().value == "debug");
}

BOOST_AUTO_TEST_CASE(a_revision_that_turns_unhealthy_is_taken_back_by_the_server) {
  cluster().watch_period = limits::watch_period;
  restart();
  go_live("r1");
  const auto good = applied("c1", "LEVEL", "debug");
  const auto bad = applied("c2", "LEVEL", "broken");
  make_sick(bad);
  checks(10);
  advance(5s);
  BOOST_TEST(config_of(live()) == 1U);
  BOOST_TEST(owner_of_instances(live()) == good.id);
  BOOST_TEST(config_of(go_live("r2")) == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct asked_fixture : session_fixture {
  protocol::variable_list list() {
    return get<protocol::variable_list>(protocol::variables_request{"shop", "local"});
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variables_of_sessions, asked_fixture)

BOOST_AUTO_TEST_CASE(the_variables_and_their_revisions_are_listed) {
  deploy_over_wire("r1");
  const auto done = get<protocol::configured>(setting("c1", "LEVEL", "debug"));
  BOOST_TEST(done.config == 1U);
  BOOST_REQUIRE(done.deployment.has_value());
  BOOST_TEST(to_string(done.deployment->operation) == "configure");
  advance(1s);
  const auto known = list();
  BOOST_TEST(known.config.value() == 1U);
  BOOST_TEST(known.running.value() == 1U);
  BOOST_REQUIRE(known.variables.size() == 1U);
  BOOST_TEST(known.variables.front().value.value() == "debug");
  BOOST_TEST(known.variables.front().by == "ann");
  const auto all = get<protocol::config_list>(protocol::configs_request{"shop", "local"});
  BOOST_REQUIRE(all.revisions.size() == 1U);
  BOOST_TEST(all.revisions.front().added == std::vector<std::string>{"LEVEL"},
             boost::test_tools::per_element());
  BOOST_TEST(!all.revisions.front().failed);
}

BOOST_AUTO_TEST_CASE(a_lane_that_nobody_used_has_no_list) {
  BOOST_TEST(to_string(refusal(protocol::variables_request{"shop", "local"})) == "not_found");
  BOOST_TEST(to_string(refusal(protocol::configs_request{"shop", "local"})) == "not_found");
}

BOOST_AUTO_TEST_CASE(the_audit_journal_is_told_of_names_and_never_of_values) {
  deploy_over_wire("r1");
  auto asked = setting("c1", "LEVEL", "sesame");
  asked.stage = true;
  get<protocol::configured>(asked);
  const auto page = records->audit({});
  BOOST_REQUIRE(page.has_value() && !page->records.empty());
  const auto& told = page->records.front();
  BOOST_TEST(told.action == "configure");
  BOOST_TEST(told.detail == "set LEVEL, staged");
  BOOST_TEST(told.target.value() == "config 1");
  for (const auto& one : page->records)
    BOOST_TEST(one.detail.find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
