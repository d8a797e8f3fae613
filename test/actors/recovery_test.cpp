// A server that begins over the store of one that died goes on with what was in flight.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(recovery, actor_fixture)

BOOST_AUTO_TEST_CASE(an_upload_goes_on_from_where_it_was) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  auto reached = ask<result<std::uint64_t>>(
      how->uploads, append_upload{how->deployment.id, 0, std::vector<char>(40)});
  BOOST_REQUIRE(reached.has_value());
  restart();
  auto again = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->upload_offset == 40u);
  send_source(*again);
  advance(1s);
  BOOST_TEST(state_of(how->deployment.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_source_that_was_kept_before_its_step_was_stored_needs_no_client) {
  auto wanted = request("r1");
  auto how = ask<result<admitted>>(lane(), wanted);
  world->sources->open.clear();
  world->sources->kept[{"shop", wanted.request.source.digest}] = wanted.request.source.bytes;
  restart();
  advance(1s);
  BOOST_TEST(state_of(how->deployment.id) == state::active);
}

BOOST_AUTO_TEST_CASE(an_upload_goes_on_after_its_worker_has_died) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  caf::anon_send_exit(how->uploads, caf::exit_reason::kill);
  run();
  advance(1s);
  auto again = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(again.has_value());
  send_source(*again);
  advance(1s);
  BOOST_TEST(state_of(how->deployment.id) == state::active);
}

BOOST_AUTO_TEST_CASE(an_upload_whose_client_does_not_come_back_fails) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  restart();
  advance(limits::upload_timeout + 1s);
  BOOST_TEST(state_of(how->deployment.id) == state::failed);
}

BOOST_AUTO_TEST_CASE(a_build_begins_again_and_two_lanes_go_on_independently) {
  hold_builds();
  auto d = deploy("r1");
  auto waiting = deploy("r2", when_busy::queue);
  BOOST_TEST(state_of(d.id) == state::building);
  restart();
  advance(1s);
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::retired);
  BOOST_TEST(state_of(waiting.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_cancel_that_was_accepted_ends_in_cancelled) {
  hold_builds();
  auto d = deploy("r1");
  later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_TEST(state_of(d.id) == state::cancelling);
  restart();
  BOOST_TEST(state_of(d.id) == state::cancelled);
  BOOST_TEST(record(d.id).error->code == errc::cancelled);
}

BOOST_AUTO_TEST_CASE(an_activation_goes_on) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  run();
  BOOST_TEST(state_of(d.id) == state::activating);
  restart();
  world->probe->all_sick = false;
  advance(1s);
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
  BOOST_TEST(world->engine->instances.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_release_command_is_never_run_twice) {
  world->manifest_answer->release.command = "./migrate";
  hold_builds();
  auto d = deploy("r1");
  held->hold_releases = true;
  held->end_all();
  run();
  BOOST_TEST(state_of(d.id) == state::releasing);
  restart();
  advance(1s);
  auto failed = record(d.id);
  BOOST_TEST(failed.state == state::failed);
  BOOST_TEST(failed.error->code == errc::release_failed);
  BOOST_TEST(
      std::count(world->engine->calls.begin(), world->engine->calls.end(), "release " + d.id) == 0);
}

BOOST_AUTO_TEST_CASE(what_serves_goes_on_serving_and_what_died_meanwhile_is_started) {
  auto d = deploy("r1");
  advance(1s);
  auto address = world->router->routes.begin()->second.addresses.front();
  restart();
  BOOST_TEST(world->router->routes.begin()->second.addresses.front() == address);
  end();
  world->engine->instances.clear();
  actors = spawn_server(system, parts);
  recover();
  advance(1s);
  advance(1s);
  BOOST_TEST(world->engine->instances.contains(d.id + "-1"));
  BOOST_TEST(world->router->routes.begin()->second.addresses.front() ==
             world->engine->instances.at(d.id + "-1").address);
}

BOOST_AUTO_TEST_CASE(instances_that_no_deployment_owns_are_stopped) {
  deploy("r1");
  advance(1s);
  instance stray;
  stray.name = "0000000000000009-1";
  stray.deployment = "0000000000000009";
  stray.lane = {"shop", "local"};
  world->engine->instances[stray.name] = stray;
  restart();
  BOOST_TEST(!world->engine->instances.contains(stray.name));
  BOOST_TEST(world->engine->instances.size() == 1u);
}

BOOST_AUTO_TEST_CASE(uploads_and_builds_that_no_deployment_needs_any_more_are_removed) {
  auto waiting = ask<result<admitted>>(lane(), request("r1"));
  BOOST_REQUIRE(waiting.has_value());
  world->sources->open["0000000000000008"] = {};
  world->engine->built.insert("0000000000000009");
  restart();
  BOOST_TEST(world->sources->open.size() == 1u);
  BOOST_TEST(world->sources->open.contains(waiting->deployment.id));
  BOOST_TEST(world->engine->built.empty());
}

BOOST_AUTO_TEST_CASE(a_lane_that_dies_is_brought_back_and_its_deployment_goes_on) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  run();
  BOOST_TEST(state_of(d.id) == state::activating);
  caf::anon_send_exit(lane(), caf::exit_reason::kill);
  run();
  world->probe->all_sick = false;
  advance(1s);
  advance(1s);
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_store_that_refuses_a_step_once_delays_it) {
  hold_builds();
  auto d = deploy("r1");
  end();
  actors = spawn_server(system, parts);
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  recover();
  for (int i = 0; i < 5; ++i)
    advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

// I10: nothing is known of it, so nothing is done; I4: what serves goes on.
BOOST_AUTO_TEST_CASE(a_lane_with_a_damaged_record_is_left_alone_and_the_others_go_on) {
  auto d = deploy("r1");
  advance(1s);
  auto waiting = deploy("r2");
  auto steps = record(waiting.id).transitions.size();
  auto live = world->router->routes.begin()->second;
  records->damage({"shop", "local"}, {errc::data_corruption, "a record does not verify", {}});
  restart();
  advance(1s);
  BOOST_TEST(world->engine->instances.contains(d.id + "-1"));
  BOOST_TEST(world->router->routes.begin()->second == live);
  auto refused = ask<result<lane_requests_actor>>(actors.supervisor, find_lane{{"shop", "local"}});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == errc::data_corruption);
  BOOST_TEST(record(waiting.id).transitions.size() == steps);
  auto other = request("b1");
  other.request.app = "blog";
  auto blog = ask<result<admitted>>(lane("blog"), other);
  BOOST_REQUIRE(blog.has_value());
  send_source(*blog);
  advance(1s);
  BOOST_TEST(state_of(blog->deployment.id) == state::active);
}

BOOST_AUTO_TEST_CASE(the_router_is_brought_back_with_its_routes) {
  auto d = deploy("r1");
  advance(1s);
  world->router->routes.clear();
  world->router->on_death();
  run();
  BOOST_TEST(world->router->routes.begin()->second.deployment == d.id);
}

BOOST_AUTO_TEST_SUITE_END()
