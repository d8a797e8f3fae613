// Every state that is not final ends by its deadline, whatever holds it up.
#include "lifecycle/deadlines.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct deadline_fixture : actor_fixture {
  // The deployment stays as it is until just before its deadline, and then fails.
  void expect_timeout(const std::string& id, state in) {
    BOOST_TEST(state_of(id) == in);
    auto due = deadline_of(record(id)).value();
    advance(due - 1s);
    BOOST_TEST(state_of(id) == in);
    advance(2s);
    auto ended = record(id);
    BOOST_TEST(ended.state == state::failed);
    BOOST_REQUIRE(ended.error.has_value());
    BOOST_TEST(ended.error->code == errc::timed_out);
    BOOST_TEST(ended.error->state == in);
  }

  deployment deploy_and_hold_upload() {
    auto how = ask<result<admitted>>(lane(), request("r1", {}, 1'000'000));
    BOOST_REQUIRE(how.has_value());
    return how->deployment;
  }

  // Sends a byte now and then.
  void keep_uploading(const std::string& id, std::chrono::milliseconds time) {
    constexpr auto pause = limits::upload_timeout - 1s;
    for (auto passed = 0ms; passed < time; passed += pause) {
      auto again = ask<result<admitted>>(lane(), request("r1", {}, 1'000'000));
      if (!again || !again->uploads)
        return;
      auto reached = ask<result<std::uint64_t>>(
          again->uploads, append_upload{id, again->upload_offset, std::vector<char>(1)});
      BOOST_TEST(reached.has_value());
      advance(std::min<std::chrono::milliseconds>(pause, time - passed));
    }
  }

  // The lane takes another deployment afterwards.
  void expect_free_lane() {
    auto next = ask<result<admitted>>(lane(), request("next"));
    BOOST_TEST(next.has_value());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(deadlines, deadline_fixture)

BOOST_AUTO_TEST_CASE(queued) {
  world->manifest_answer->build.timeout = limits::build_timeout_max; // of the one in front
  hold_builds();
  deploy("r1");
  auto second = deploy("r2", when_busy::queue);
  expect_timeout(second.id, state::queued);
}

BOOST_AUTO_TEST_CASE(preparing) {
  own_lane([this](lane_parts& made) {
    made.make_source_worker = [this](const lane_reports_actor& owner) {
      return caf::actor_cast<source_worker_actor>(
          system.spawn([owner](caf::event_based_actor* it) -> caf::behavior {
            it->set_default_handler(caf::skip);
            it->monitor(owner);
            it->set_down_handler([it](const caf::down_msg&) { it->quit(); });
            return {
                [](const open_upload& what) { return result<std::uint64_t>{what.promised.bytes}; }};
          }));
    };
  });
  auto how = ask<result<admitted>>(lane(), request("r1"));
  expect_timeout(how->deployment.id, state::preparing);
  expect_free_lane();
}

// The engine never answers.
// Fault: F14; hits: build; at: building; holds: I5 I9.
BOOST_AUTO_TEST_CASE(building) {
  hold_builds();
  auto d = deploy("r1");
  auto stop = held->stops.front();
  expect_timeout(d.id, state::building);
  BOOST_TEST(stop.stop_requested());
  expect_free_lane();
}

// The engine never answers.
// Fault: F14; hits: build; at: pushing; holds: I5 I9.
BOOST_AUTO_TEST_CASE(pushing) {
  held->hold_pushes = true;
  hold_builds();
  auto d = deploy("r1");
  held->end_all();
  run();
  expect_timeout(d.id, state::pushing);
  expect_free_lane();
}

BOOST_AUTO_TEST_CASE(releasing) {
  world->manifest_answer->release.command = "./migrate";
  held->hold_releases = true;
  hold_builds();
  auto d = deploy("r1");
  held->end_all();
  run();
  expect_timeout(d.id, state::releasing);
  expect_free_lane();
}

BOOST_AUTO_TEST_CASE(activating_with_a_worker_that_says_nothing) {
  own_lane([this](lane_parts& made) {
    made.make_activation_worker = [this](const lane_reports_actor&) {
      return silent<activation_worker_actor>();
    };
  });
  auto d = deploy("r1");
  BOOST_TEST(state_of(d.id) == state::activating);
  advance(deadline_of(record(d.id)).value() + 1s);
  BOOST_TEST(state_of(d.id) == state::failed);
  expect_free_lane();
}

BOOST_AUTO_TEST_CASE(activating_with_a_router_that_says_nothing_leaves_the_old_one_serving) {
  auto first = deploy("r0");
  advance(1s);
  own_lane([this](lane_parts& made) { made.routes = silent<route_keeper_actor>(); });
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::activating);
  auto refused = ask<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().code == errc::too_late);
  advance(limits::switch_timeout);
  BOOST_TEST(state_of(d.id) == state::failed);
  BOOST_TEST(record(d.id).error->code == errc::unavailable);
  BOOST_TEST(state_of(first.id) == state::active);
  BOOST_TEST(world->engine->instances.contains(first.id + "-1"));
  // Nobody knows whether the router sends it requests.
  BOOST_TEST(world->engine->instances.contains(d.id + "-1"));
}

BOOST_AUTO_TEST_CASE(cancelling_ends_in_cancelled_by_force) {
  hold_builds();
  auto d = deploy("r1");
  auto pending = later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  advance(limits::cancelling_deadline - 1s);
  BOOST_TEST(state_of(d.id) == state::cancelling);
  advance(2s);
  auto gone = take<result<deployment>>(pending);
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(gone->state == state::cancelled);
  expect_free_lane();
}

// A server that is started again and again does not put the end off.
BOOST_AUTO_TEST_CASE(a_restart_goes_on_with_what_is_left_of_a_deadline) {
  auto d = deploy_and_hold_upload();
  auto due = deadline_of(record(d.id)).value();
  for (int i = 0; i < 3; ++i) {
    keep_uploading(d.id, due / 4);
    restart();
    BOOST_TEST(state_of(d.id) == state::preparing);
  }
  keep_uploading(d.id, due / 4 + 1s);
  BOOST_TEST(state_of(d.id) == state::failed);
  BOOST_TEST(record(d.id).error->code == errc::timed_out);
}

BOOST_AUTO_TEST_CASE(an_outage_longer_than_the_deadline_leaves_time_to_go_on) {
  world->probe->all_sick = true;
  auto d = deploy("r1");
  BOOST_TEST(state_of(d.id) == state::activating);
  end();
  world->wall += 24h;
  actors = spawn_server(system, parts);
  recover();
  world->probe->all_sick = false;
  advance(1s);
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::active);
}

// An upload that is kept alive a byte at a time has only the deadline of its state.
BOOST_AUTO_TEST_CASE(an_upload_stalls_upload_timeout_after_its_last_byte) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  advance(limits::upload_timeout / 2);
  auto reached = ask<result<std::uint64_t>>(
      how->uploads, append_upload{how->deployment.id, 0, std::vector<char>(40)});
  BOOST_TEST(reached.has_value());
  advance(limits::upload_timeout - 1ms);
  BOOST_TEST(state_of(how->deployment.id) == state::preparing);
  advance(1ms);
  BOOST_TEST(state_of(how->deployment.id) == state::failed);
}

// The result of a worker whose deployment was given up is removed when the worker ends.
BOOST_AUTO_TEST_CASE(a_worker_that_ends_after_its_deadline_is_cleaned_up_after) {
  hold_builds();
  auto d = deploy("r1");
  expect_timeout(d.id, state::building);
  auto discarded = [&] {
    return std::count(world->engine->calls.begin(), world->engine->calls.end(), "discard " + d.id);
  };
  auto before = discarded();
  held->end_all();
  run();
  BOOST_TEST(discarded() == before + 1);
}

BOOST_AUTO_TEST_SUITE_END()
