// The life of deployments in one lane, as a conversation with its DeploymentActor.
#include "test/actors/actor_fixture.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(lane, actor_fixture)

BOOST_AUTO_TEST_CASE(a_source_that_the_app_has_already_is_not_sent_again) {
  auto first = deploy("r1");
  advance(1s);
  auto again = request("r2");
  again.request.source = request("r1").request.source;
  auto how = ask<result<admitted>>(lane(), again);
  BOOST_REQUIRE(how.has_value());
  BOOST_TEST(how->upload_offset == again.request.source.bytes);
  BOOST_TEST(!how->uploads);
  advance(1s);
  BOOST_TEST(state_of(how->deployment.id) == state::active);
  BOOST_TEST(state_of(first.id) == state::retired);
}

BOOST_AUTO_TEST_CASE(a_deploy_goes_from_its_source_to_the_traffic) {
  auto d = deploy("r1");
  run();
  advance(1s);
  BOOST_TEST(path_of(d.id) == "preparing building pushing activating active");
  auto done = record(d.id);
  BOOST_TEST(to_string(done.version.value()) == "v1");
  BOOST_TEST(done.finished_at.has_value());
  BOOST_TEST(!done.replaces.has_value());
  BOOST_TEST(done.source->files == 3u);
  BOOST_TEST(done.urls.front() == "http://shop.localhost");
  BOOST_TEST((*records->lane({"shop", "local"})).active.value() == d.id);
  BOOST_TEST(world->router->routes.begin()->second.deployment == d.id);
  BOOST_TEST(world->router->routes.begin()->second.addresses.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_journal_has_no_gap_and_ends_with_the_state) {
  auto d = deploy("r1");
  advance(1s);
  auto page = records->journal(d.id, 1, limits::journal_page_bytes);
  BOOST_REQUIRE(page.has_value());
  const auto events = events_of(*page);
  for (std::size_t i = 0; i < events.size(); ++i)
    BOOST_TEST(events[i].seq == i + 1);
  const auto* last = std::get_if<state_event>(&events.back().body);
  BOOST_REQUIRE(last != nullptr);
  BOOST_TEST(last->state == state::active);
  BOOST_TEST(page->settled);
}

BOOST_AUTO_TEST_CASE(what_a_step_tells_waits_a_moment_for_company) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  auto checks = [&] {
    auto page = records->journal(d.id, 1, limits::journal_page_bytes);
    BOOST_REQUIRE(page.has_value());
    auto events = events_of(*page);
    return std::count_if(events.begin(), events.end(), [](const event& one) {
      return std::holds_alternative<health_event>(one.body);
    });
  };
  BOOST_TEST_REQUIRE(state_of(d.id) == state::activating);
  BOOST_TEST(checks() == 0);
  advance(limits::log_batch_delay);
  BOOST_TEST(checks() == 1);
}

BOOST_AUTO_TEST_CASE(the_next_version_replaces_the_one_before_and_stops_it_after_the_drain) {
  auto first = deploy("r1");
  advance(1s);
  auto second = deploy("r2");
  advance(1s);
  BOOST_TEST(state_of(first.id) == state::retired);
  BOOST_TEST(state_of(second.id) == state::active);
  BOOST_TEST(record(second.id).replaces.value() == first.id);
  BOOST_TEST(to_string(record(second.id).version.value()) == "v2");
  BOOST_TEST(world->engine->instances.contains(first.id + "-1"));
  advance(limits::drain + 1s);
  BOOST_TEST(!world->engine->instances.contains(first.id + "-1"));
  BOOST_TEST(world->engine->instances.contains(second.id + "-1"));
  BOOST_TEST(world->router->let_go.empty());
}

BOOST_AUTO_TEST_CASE(the_same_request_id_gives_the_same_deployment) {
  auto first = deploy("r1");
  advance(1s);
  auto again = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->deployment.id == first.id);
  BOOST_TEST(again->deployment.state == state::active);
  restart();
  again = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->deployment.id == first.id);
}

BOOST_AUTO_TEST_CASE(a_request_id_with_another_source_is_refused_and_changes_nothing) {
  auto first = deploy("r1");
  advance(1s);
  auto other = request("r1");
  other.request.source = request("r2").request.source;
  auto answer = ask<result<admitted>>(lane(), other);
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::invalid_argument);
  BOOST_TEST(answer.error().details.at("deployment") == first.id);
  BOOST_TEST(answer.error().details.at("differs") == "source");
  BOOST_TEST(answer.error().message.find(other.request.source.digest) != std::string::npos);
  BOOST_TEST(records->lane({"shop", "local"})->active.value() == first.id);
  // Only the words about it may differ.
  auto again = request("r1", when_busy::queue);
  again.request.message = "run again";
  again.by = "bob";
  auto same = ask<result<admitted>>(lane(), again);
  BOOST_REQUIRE(same.has_value());
  BOOST_TEST(same->deployment.id == first.id);
  BOOST_TEST(same->deployment.by == "ann");
}

BOOST_AUTO_TEST_CASE(a_request_id_of_another_lane_is_refused) {
  deploy("r1");
  auto other = request("r1");
  other.request.app = "blog";
  auto answer = ask<result<admitted>>(lane("blog"), other);
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::invalid_argument);
}

BOOST_AUTO_TEST_CASE(a_busy_lane_refuses_and_says_by_whom_and_since_when) {
  hold_builds();
  auto first = deploy("r1");
  auto second = ask<result<admitted>>(lane(), request("r2"));
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(second.error().code == errc::in_flight);
  BOOST_TEST(second.error().details.at("deployment") == first.id);
  BOOST_TEST(second.error().details.at("by") == "ann");
  BOOST_TEST(second.error().details.at("state") == "building");
}

BOOST_AUTO_TEST_CASE(a_queued_deployment_waits_for_its_turn) {
  hold_builds();
  auto first = deploy("r1");
  auto second = deploy("r2", when_busy::queue);
  BOOST_TEST(state_of(second.id) == state::queued);
  held->end_all();
  run();
  advance(1s);
  BOOST_TEST(state_of(first.id) == state::active);
  BOOST_TEST(state_of(second.id) == state::building);
  held->end_all();
  run();
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::active);
  BOOST_TEST(state_of(first.id) == state::retired);
}

// Its client is told so, and sends nothing: it would wait for a source that nobody has.
BOOST_AUTO_TEST_CASE(a_queued_deployment_whose_source_has_no_room_fails_at_once) {
  hold_builds();
  auto first = deploy("r1");
  world->sources->no_room = error{errc::resource_exhausted, "the disk is full", {}};
  auto second = ask<result<admitted>>(lane(), request("r2", when_busy::queue));
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(second.error().code == errc::resource_exhausted);
  run();
  const auto newest = (*parts->records->history({})).deployments.front();
  BOOST_TEST(newest.id != first.id);
  BOOST_TEST(newest.state == state::failed);
  BOOST_TEST(newest.error->code == errc::resource_exhausted);
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses) {
  parts->queued_max = 1;
  hold_builds();
  deploy("r1");
  deploy("r2", when_busy::queue);
  auto third = ask<result<admitted>>(lane(), request("r3", when_busy::queue));
  BOOST_REQUIRE(!third.has_value());
  BOOST_TEST(third.error().code == errc::resource_exhausted);
}

BOOST_AUTO_TEST_CASE(superseding_ends_what_waits_and_cancels_what_is_in_flight) {
  hold_builds();
  auto first = deploy("r1");
  auto second = deploy("r2", when_busy::queue);
  auto third = deploy("r3", when_busy::supersede);
  BOOST_TEST(state_of(second.id) == state::superseded);
  BOOST_TEST(record(second.id).error->code == errc::superseded);
  BOOST_TEST(state_of(first.id) == state::cancelling);
  held->end_all();
  run();
  auto gone = record(first.id);
  BOOST_TEST(gone.state == state::cancelled);
  BOOST_TEST(gone.error->code == errc::superseded);
  BOOST_TEST(gone.error->details.at("deployment") == third.id);
  held->end_all();
  run();
  advance(1s);
  BOOST_TEST(state_of(third.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_cancel_answers_when_nothing_runs_any_more) {
  hold_builds();
  auto d = deploy("r1");
  auto pending = later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_TEST(state_of(d.id) == state::cancelling);
  BOOST_TEST(held->stops.front().stop_requested());
  held->end_all();
  run();
  auto stopped = take<result<deployment>>(pending);
  BOOST_REQUIRE(stopped.has_value());
  BOOST_TEST(stopped->state == state::cancelled);
  BOOST_TEST(stopped->error->code == errc::cancelled);
  BOOST_TEST(stopped->error->state == state::building);
  BOOST_TEST(stopped->transitions[2].by == "bob");
  auto again = ask<result<deployment>>(lane(), cancel_deployment{d.id, "bob"});
  BOOST_TEST(again.has_value());
}

BOOST_AUTO_TEST_CASE(a_worker_that_does_not_stop_holds_a_cancel_up_only_to_its_deadline) {
  hold_builds();
  auto d = deploy("r1");
  later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  advance(limits::cancelling_deadline + 1s);
  BOOST_TEST(state_of(d.id) == state::cancelled);
}

BOOST_AUTO_TEST_CASE(a_queued_deployment_is_cancelled_at_once) {
  hold_builds();
  deploy("r1");
  auto second = deploy("r2", when_busy::queue);
  auto stopped = ask<result<deployment>>(lane(), cancel_deployment{second.id, "bob"});
  BOOST_REQUIRE(stopped.has_value());
  BOOST_TEST(path_of(second.id) == "queued cancelling cancelled");
}

BOOST_AUTO_TEST_CASE(what_has_ended_cannot_be_cancelled) {
  auto d = deploy("r1");
  advance(1s);
  auto answer = ask<result<deployment>>(lane(), cancel_deployment{d.id, "bob"});
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::invalid_transition);
  auto none = ask<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(!none.has_value());
  BOOST_TEST(none.error().code == errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_failed_build_makes_no_version_and_leaves_the_old_one_serving) {
  auto first = deploy("r1");
  advance(1s);
  world->engine->failures["build"] = {errc::build_failed, "make: exit status 2", {}};
  auto second = deploy("r2");
  advance(1s);
  auto failed = record(second.id);
  BOOST_TEST(failed.state == state::failed);
  BOOST_TEST(failed.error->code == errc::build_failed);
  BOOST_TEST(failed.error->state == state::building);
  BOOST_TEST(!failed.version.has_value());
  BOOST_TEST(state_of(first.id) == state::active);
  BOOST_TEST(world->router->routes.begin()->second.deployment == first.id);
}

BOOST_AUTO_TEST_CASE(an_app_that_does_not_get_healthy_fails_with_its_last_words) {
  auto first = deploy("r1");
  advance(1s);
  world->probe->sick = {"127.0.0.1:1001"};
  auto second = deploy("r2");
  for (int i = 0; i < 130; ++i)
    advance(500ms);
  auto failed = record(second.id);
  BOOST_TEST(failed.state == state::failed);
  BOOST_TEST(failed.error->code == errc::unhealthy);
  BOOST_TEST(failed.error->details.at("log") == "last words of " + second.id + "-1");
  BOOST_TEST(!world->engine->instances.contains(second.id + "-1"));
  BOOST_TEST(world->router->routes.begin()->second.deployment == first.id);
}

BOOST_AUTO_TEST_CASE(a_switch_that_the_router_does_not_confirm_puts_the_old_route_back) {
  auto first = deploy("r1");
  advance(1s);
  world->router->failure = error{errc::unavailable, "no answer", {}};
  world->router->switch_before_failing = true;
  auto second = deploy("r2");
  advance(1s);
  BOOST_TEST(state_of(second.id) == state::failed);
  BOOST_TEST(record(second.id).error->code == errc::unavailable);
  BOOST_TEST(world->router->routes.begin()->second.deployment == first.id);
}

BOOST_AUTO_TEST_CASE(a_source_that_does_not_arrive_times_out) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(how.has_value());
  advance(limits::upload_timeout - 1s);
  BOOST_TEST(state_of(how->deployment.id) == state::preparing);
  advance(2s);
  BOOST_TEST(state_of(how->deployment.id) == state::failed);
  BOOST_TEST(record(how->deployment.id).error->code == errc::timed_out);
}

BOOST_AUTO_TEST_CASE(a_source_that_keeps_coming_does_not_time_out) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  for (std::uint64_t offset = 0; offset < 90; offset += 10) {
    advance(limits::upload_timeout - 1s);
    auto reached = ask<result<std::uint64_t>>(
        how->uploads, append_upload{how->deployment.id, offset, std::vector<char>(10)});
    BOOST_REQUIRE(reached.has_value());
  }
  BOOST_TEST(state_of(how->deployment.id) == state::preparing);
}

BOOST_AUTO_TEST_CASE(a_bad_source_or_manifest_fails_before_anything_is_built) {
  world->manifest_answer = error{errc::invalid_argument, "line 3: unknown key", {}};
  auto d = deploy("r1");
  run();
  BOOST_TEST(path_of(d.id) == "preparing failed");
  BOOST_TEST(record(d.id).error->code == errc::invalid_argument);
  BOOST_TEST(
      std::count(world->engine->calls.begin(), world->engine->calls.end(), "build " + d.id) == 0);
}

BOOST_AUTO_TEST_CASE(settings_that_do_not_fit_the_engine_fail_before_anything_is_built) {
  world->manifest_answer->build.target = "live";
  auto d = deploy("r1");
  run();
  BOOST_TEST(path_of(d.id) == "preparing failed");
  BOOST_TEST(record(d.id).error->code == errc::invalid_argument);
  BOOST_TEST(record(d.id).error->message.starts_with("[build] target has no effect in cluster"),
             record(d.id).error->message);
  BOOST_TEST(
      std::count(world->engine->calls.begin(), world->engine->calls.end(), "build " + d.id) == 0);
}

BOOST_AUTO_TEST_CASE(a_release_command_runs_between_pushing_and_activating) {
  world->manifest_answer->release.command = "./migrate";
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(path_of(d.id) == "preparing building pushing releasing activating active");
  BOOST_TEST(
      std::count(world->engine->calls.begin(), world->engine->calls.end(), "release " + d.id) == 1);
}

BOOST_AUTO_TEST_CASE(an_instance_that_dies_is_started_again_and_routed_to) {
  auto d = deploy("r1");
  advance(1s);
  world->engine->kill(d.id + "-1");
  run();
  auto view = ask<protocol::lane_view>(lane(), describe_lane{});
  BOOST_REQUIRE(view.instances.size() == 1u);
  BOOST_TEST(view.instances.front().state == "restarting");
  advance(1s);
  advance(1s);
  view = ask<protocol::lane_view>(lane(), describe_lane{});
  BOOST_TEST(view.instances.front().state == "running");
  BOOST_TEST(world->router->routes.begin()->second.addresses.front() ==
             view.instances.front().address);
}

BOOST_AUTO_TEST_CASE(created_times_go_up_in_a_lane_though_the_clock_goes_back) {
  auto first = deploy("r1");
  advance(1s);
  world->wall -= 24h;
  auto second = deploy("r2");
  advance(1s);
  BOOST_TEST(record(second.id).created_at > record(first.id).created_at);
  auto page = records->history({});
  BOOST_REQUIRE(page.has_value());
  BOOST_TEST(page->deployments.front().id == second.id);
}

BOOST_AUTO_TEST_CASE(a_refused_commit_of_a_request_is_its_answer_and_changes_nothing) {
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  auto answer = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::resource_exhausted);
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

BOOST_AUTO_TEST_SUITE_END()
