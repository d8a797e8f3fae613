// Warm instances: those of a version that was replaced stay started for a time, and a rollback
// takes them over.
#include "test/actors/warm_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(warm_lane, warm_fixture)

BOOST_AUTO_TEST_CASE(what_was_replaced_stays_started_and_gets_no_requests_until_its_time_is_over) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  past_drain();
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(routed().deployment == second.id);
  BOOST_TEST(routed().addresses.size() == 1u);
  BOOST_TEST(views().size() == 1u);
  advance(limits::warm - 3s);
  BOOST_TEST(runs(first.id + "-1"));
  advance(3s);
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(runs(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(without_a_warm_time_it_is_stopped_after_its_drain) {
  cluster().warm = 0s;
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  BOOST_TEST(!runs(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_rollback_to_warm_instances_checks_them_once_and_switches) {
  auto first = go_live("r1");
  const auto address = address_of(first.id + "-1");
  auto second = go_live("r2");
  past_drain();
  const auto asked = world->probe->asked;
  auto back = roll_back("b1"); // no time passes
  BOOST_TEST(path_of(back.id) == "activating active");
  BOOST_TEST(world->probe->asked == asked + 1);
  BOOST_TEST(live().id == back.id);
  BOOST_TEST((live().version == first.version));
  BOOST_TEST(routed().deployment == back.id);
  BOOST_TEST(routed().addresses.front() == address);
  BOOST_TEST(!runs(back.id + "-1"));
  BOOST_TEST(views().front().name == first.id + "-1");
  // The end of the warm time does not stop an instance that was taken over.
  advance(limits::warm * 2);
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(!runs(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_rollback_to_what_still_drains_takes_it_over) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  auto back = roll_back("b1");
  BOOST_TEST(state_of(back.id) == state::active);
  past_drain();
  past_drain();
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(runs(second.id + "-1"));
  BOOST_TEST(routed().addresses.front() == address_of(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(two_versions_take_turns_with_the_same_instances) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  const auto starts = calls("start " + first.id + "-1");
  for (int i = 0; i < 4; ++i) {
    auto answer =
        ask<result<admitted>>(lane(), start_release{operation::rollback,
                                                    fmt::format("b{}", i),
                                                    i % 2 == 0 ? first.version : second.version,
                                                    {},
                                                    {},
                                                    "ann"});
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(state_of(answer->deployment.id) == state::active);
    advance(i % 2 == 0 ? 1s : 20s);
    const auto& serving = i % 2 == 0 ? first : second;
    BOOST_TEST(routed().addresses.front() == address_of(serving.id + "-1"));
  }
  BOOST_TEST(world->engine->instances.size() == 2u);
  BOOST_TEST(calls("start " + first.id + "-1") == starts + 2); // each found it running
  advance(limits::warm * 2);
  BOOST_TEST(world->engine->instances.size() == 1u);
  BOOST_TEST(runs(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(warm_instances_that_fail_their_check_are_given_up_and_new_ones_started) {
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  make_sick(first);
  auto back = roll_back("b1");
  advance(1s);
  BOOST_TEST(state_of(back.id) == state::active);
  BOOST_TEST(runs(back.id + "-1"));
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(warnings_of(*records, back.id).find("503") != std::string::npos,
             warnings_of(*records, back.id));
}

BOOST_AUTO_TEST_CASE(warm_instances_of_which_one_has_ended_are_given_up) {
  world->manifest_answer->run.instances = 2;
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  world->engine->kill(first.id + "-1");
  run();
  BOOST_TEST(!runs(first.id + "-2"));
  auto back = roll_back("b1");
  advance(1s);
  BOOST_TEST(runs(back.id + "-1"));
  BOOST_TEST(runs(back.id + "-2"));
}

BOOST_AUTO_TEST_CASE(an_instance_that_was_taken_over_is_started_again_under_its_name) {
  auto first = go_live("r1");
  go_live("r2");
  auto back = roll_back("b1");
  world->engine->kill(first.id + "-1");
  run();
  BOOST_TEST(routed().addresses.empty());
  advance(1s);
  advance(1s);
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(routed().deployment == back.id);
  BOOST_TEST(routed().addresses.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_server_keeps_warm_instances_for_the_rest_of_their_time) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  past_drain();
  advance(limits::warm / 2);
  restart();
  past_drain();
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(routed().addresses.front() == address_of(second.id + "-1"));
  advance(limits::warm / 2);
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(runs(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(after_a_restart_of_the_server_a_rollback_takes_them_over) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  past_drain();
  restart();
  auto back = roll_back("b1");
  BOOST_TEST(state_of(back.id) == state::active);
  restart(); // what it has taken over is found by its record
  BOOST_TEST(routed().deployment == back.id);
  BOOST_TEST(routed().addresses.front() == address_of(first.id + "-1"));
  BOOST_TEST(views().front().name == first.id + "-1");
  BOOST_TEST(views().front().restarts == 0u);
  advance(limits::warm * 2);
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(!runs(second.id + "-1"));
}

BOOST_AUTO_TEST_CASE(after_a_restart_what_was_taken_over_and_replaced_again_is_warm) {
  auto first = go_live("r1");
  go_live("r2");
  roll_back("b1");
  advance(limits::warm - 1min);
  go_live("r3");
  past_drain();
  advance(2min); // its time goes by the record that had them last
  restart();
  past_drain();
  auto back = roll_back("b2");
  BOOST_TEST(state_of(back.id) == state::active);
  BOOST_TEST((live().version == first.version));
  BOOST_TEST(routed().addresses.front() == address_of(first.id + "-1"));
}

// Its instances may have been started before the server died; the others are not taken over then.
BOOST_AUTO_TEST_CASE(a_rollback_that_has_started_its_own_instances_goes_on_with_them) {
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  make_sick(first);
  world->probe->all_sick = true;
  auto back = roll_back("b1");
  advance(1s);
  BOOST_TEST_REQUIRE(runs(back.id + "-1"));
  // An instance that was given up runs again, as if the server had died before it was stopped.
  auto again = world->engine->instances.at(back.id + "-1");
  again.name = first.id + "-1";
  again.deployment = first.id;
  again.address = "127.0.0.1:9";
  world->engine->instances[again.name] = again;
  world->probe->all_sick = false;
  world->probe->sick.clear();
  restart();
  advance(1s);
  BOOST_TEST(state_of(back.id) == state::active);
  BOOST_TEST(routed().addresses.front() == address_of(back.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_stray_of_a_deployment_that_serves_with_others_is_stopped_alone) {
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  auto back = roll_back("b1");
  end();
  auto stray = world->engine->instances.at(first.id + "-1");
  stray.name = back.id + "-1";
  stray.deployment = back.id;
  world->engine->instances[stray.name] = stray;
  actors = spawn_server(system, parts);
  recover();
  advance(limits::warm * 2);
  BOOST_TEST(!runs(back.id + "-1"));
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(calls("stop " + first.id + "-1") == 0);
}

BOOST_AUTO_TEST_CASE(a_lane_with_an_instance_of_the_wrong_number_keeps_none_warm_after_a_restart) {
  world->manifest_answer->run.instances = 2;
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  end();
  world->engine->kill(first.id + "-1");
  actors = spawn_server(system, parts);
  recover();
  past_drain();
  BOOST_TEST(!runs(first.id + "-2"));
}

BOOST_AUTO_TEST_CASE(the_oldest_are_given_up_when_memory_is_full) {
  auto first = go_live("r1"); // of 512M
  auto second = go_live("r2");
  auto third = go_live("r3");
  past_drain();
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(runs(second.id + "-1"));
  go_live("r4");
  BOOST_TEST(!runs(first.id + "-1"));
  past_drain();
  BOOST_TEST(runs(second.id + "-1"));
  BOOST_TEST(runs(third.id + "-1"));
}

BOOST_AUTO_TEST_CASE(what_is_larger_than_the_memory_for_warm_ones_is_not_kept) {
  cluster().warm_memory = 100 * limits::mib;
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  BOOST_TEST(!runs(first.id + "-1"));
}

BOOST_AUTO_TEST_CASE(a_start_that_is_refused_for_want_of_memory_gets_that_of_the_warm_ones) {
  auto first = go_live("r1");
  go_live("r2");
  past_drain();
  world->engine->failures["start"] = {errc::resource_exhausted, "no memory", {}};
  auto third = deploy("r3");
  advance(1s);
  BOOST_TEST(state_of(third.id) == state::activating);
  BOOST_TEST(!runs(first.id + "-1"));
  world->engine->failures.clear();
  advance(limits::retry_pause);
  advance(1s);
  BOOST_TEST(state_of(third.id) == state::active);
  // Without any, it fails at once.
  cluster().warm = 0s;
}

BOOST_AUTO_TEST_CASE(a_start_that_stays_refused_fails_soon) {
  go_live("r1");
  go_live("r2");
  world->engine->failures["start"] = {errc::resource_exhausted, "no memory", {}};
  auto third = deploy("r3");
  for (std::uint32_t i = 0; i < limits::warm_yields + 1; ++i)
    advance(limits::retry_pause + 1s);
  BOOST_TEST(state_of(third.id) == state::failed);
  BOOST_TEST(to_string(record(third.id).error->code) == "resource_exhausted");
}

BOOST_AUTO_TEST_CASE(an_app_that_is_destroyed_keeps_nothing_warm) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  past_drain();
  auto gone = ask<result<protocol::destroyed>>(lane(), destroy_lane{"ann"});
  BOOST_REQUIRE(gone.has_value());
  advance(1s);
  BOOST_TEST(!runs(first.id + "-1"));
  BOOST_TEST(!runs(second.id + "-1"));
  BOOST_TEST(world->engine->instances.empty());
}

BOOST_AUTO_TEST_CASE(a_cancelled_rollback_leaves_the_warm_instances_as_they_are) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  past_drain();
  own_lane([this](lane_parts& made) {
    made.make_activation_worker = [this](const lane_reports_actor&) {
      return silent<activation_worker_actor>();
    };
  });
  auto back = roll_back("b1");
  later<result<deployment>>(lane(), cancel_deployment{{}, "ann"});
  advance(limits::cancelling_deadline + 1s);
  BOOST_TEST(state_of(back.id) == state::cancelled);
  BOOST_TEST(runs(first.id + "-1"));
  BOOST_TEST(routed().deployment == second.id);
}

BOOST_AUTO_TEST_CASE(a_lane_rests_when_its_warm_instances_have_ended) {
  go_live("r1");
  const auto before = running();
  go_live("r2");
  past_drain();
  advance(limits::lane_idle * 2);
  BOOST_TEST(running() >= before);
  advance(limits::warm);
  advance(limits::lane_idle + 1s);
  BOOST_TEST(running() < before);
}

BOOST_AUTO_TEST_CASE(the_versions_and_the_status_say_what_is_warm) {
  go_live("r1");
  auto second = go_live("r2");
  BOOST_TEST(actors.warm->has("shop", version_number{1}));
  BOOST_TEST(!actors.warm->has("shop", version_number{2}));
  auto warm = actors.warm->of_lane({"shop", "local"});
  BOOST_REQUIRE(warm.size() == 1u);
  BOOST_TEST((warm.front().until == *second.finished_at + limits::drain + limits::warm));
  past_drain();
  advance(limits::warm);
  BOOST_TEST(!actors.warm->has("shop", version_number{1}));
}

BOOST_AUTO_TEST_CASE(a_plan_says_whether_the_instances_are_warm_and_changes_nothing) {
  auto first = go_live("r1");
  auto second = go_live("r2");
  auto plan = ask<result<protocol::planned>>(lane(), plan_rollback{});
  BOOST_REQUIRE(plan.has_value());
  BOOST_TEST(to_string(plan->readiness) == "warm");
  BOOST_TEST(plan->instances == 1u);
  BOOST_TEST(plan->expected_ms.has_value());
  BOOST_TEST(live().id == second.id);
  make_sick(first);
  plan = ask<result<protocol::planned>>(lane(), plan_rollback{});
  BOOST_REQUIRE(plan.has_value());
  BOOST_TEST(to_string(plan->readiness) == "cold");
  BOOST_TEST(runs(first.id + "-1"));
  past_drain();
  advance(limits::warm);
  plan = ask<result<protocol::planned>>(lane(), plan_rollback{});
  BOOST_REQUIRE(plan.has_value());
  BOOST_TEST(to_string(plan->readiness) == "cold");
  BOOST_TEST(plan->expected_ms.value() ==
             static_cast<std::uint64_t>(time_in(record(first.id), state::activating)->count()));
}

BOOST_AUTO_TEST_SUITE_END()
