// Giving up, and giving way: cancels, newer requests, and lanes that die meanwhile.
#include "actors/lane/lane_core.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct cancel_fixture : actor_fixture {
  std::ptrdiff_t calls(const std::string& call) const {
    return std::count(world->engine->calls.begin(), world->engine->calls.end(), call);
  }

  // A deployment whose instance runs, and does not become healthy.
  deployment activating(const std::string& request_id) {
    world->probe->all_sick = true;
    auto d = deploy(request_id);
    run();
    BOOST_TEST_REQUIRE(state_of(d.id) == state::activating);
    return d;
  }

  std::vector<event> journal_of(const std::string& id) const {
    auto page = records->journal(id, 1, limits::journal_page_bytes);
    BOOST_REQUIRE(page.has_value());
    return events_of(*page);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(lane_cancel, cancel_fixture)

BOOST_AUTO_TEST_CASE(a_cancel_while_activating_stops_the_new_instances_at_once) {
  auto first = deploy("r0");
  advance(1s);
  auto before = running();
  auto d = activating("r1");
  BOOST_TEST(world->engine->instances.contains(d.id + "-1"));
  auto gone = ask<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(gone->state == state::cancelled);
  BOOST_TEST(gone->error->state == state::activating);
  BOOST_TEST(!world->engine->instances.contains(d.id + "-1"));
  BOOST_TEST(state_of(first.id) == state::active);
  BOOST_TEST(world->router->switches.size() == 1u);
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(a_cancel_while_the_source_comes_ends_the_upload) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  auto gone = ask<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  BOOST_REQUIRE(gone.has_value());
  BOOST_TEST(path_of(how->deployment.id) == "preparing cancelling cancelled");
  BOOST_TEST(!world->sources->open.contains(how->deployment.id));
}

BOOST_AUTO_TEST_CASE(two_cancels_of_one_deployment_have_the_same_answer) {
  hold_builds();
  auto d = deploy("r1");
  auto first = later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  auto second = later<result<deployment>>(lane(), cancel_deployment{d.id, "eve"});
  held->end_all();
  run();
  for (auto* pending : {&first, &second}) {
    auto gone = take<result<deployment>>(*pending);
    BOOST_REQUIRE(gone.has_value());
    BOOST_TEST(gone->error->details.at("by") == "bob");
  }
}

BOOST_AUTO_TEST_CASE(a_cancel_waits_for_no_lane_that_has_died) {
  hold_builds();
  deploy("r1");
  auto pending = later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  caf::anon_send_exit(lane(), caf::exit_reason::kill);
  run();
  auto answer = take<result<deployment>>(pending);
  BOOST_REQUIRE(!answer.has_value());
  BOOST_TEST(answer.error().code == errc::unavailable);
}

// Those who wait for a decision are told as well.
BOOST_AUTO_TEST_CASE(a_request_that_waited_behind_a_commit_that_failed_is_answered) {
  hold_builds();
  deploy("r1");
  records->fail_next_commit({errc::resource_exhausted, "the disk is full", {}});
  auto cancel = self->request(lane(), std::chrono::seconds{3600}, cancel_deployment{{}, "bob"});
  auto behind = self->request(lane(), std::chrono::seconds{3600}, request("r2"));
  auto first = take<result<deployment>>(cancel);
  BOOST_REQUIRE(!first.has_value());
  BOOST_TEST(first.error().code == errc::unavailable);
  auto second = take<result<admitted>>(behind);
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(second.error().code == errc::unavailable);
}

// The newcomer's record and the other's cancel are one transaction: no crash comes between them.
BOOST_AUTO_TEST_CASE(superseding_is_one_step) {
  hold_builds();
  auto first = deploy("r1");
  bool newcomer_alone = false;
  auto pending =
      self->request(lane(), std::chrono::seconds{3600}, request("r2", when_busy::supersede));
  while (scheduler.try_run_once()) {
    auto known = records->by_request("r2");
    newcomer_alone |= known->has_value() && state_of(first.id) == state::building;
  }
  BOOST_TEST(!newcomer_alone);
  auto newcomer = take<result<admitted>>(pending);
  BOOST_REQUIRE(newcomer.has_value());
  BOOST_TEST(newcomer->deployment.state == state::queued);
  BOOST_TEST(state_of(first.id) == state::cancelling);
  restart();
  BOOST_TEST(record(first.id).error->code == errc::superseded);
  BOOST_TEST(record(first.id).error->details.at("deployment") == newcomer->deployment.id);
  BOOST_TEST(record(first.id).error->state == state::building);
}

BOOST_AUTO_TEST_CASE(what_has_begun_to_switch_is_not_superseded_and_the_newcomer_waits) {
  own_lane([this](lane_parts& made) { made.routes = silent<route_keeper_actor>(); });
  auto first = deploy("r1");
  advance(1s);
  auto second = ask<result<admitted>>(lane(), request("r2", when_busy::supersede));
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(state_of(first.id) == state::activating);
  BOOST_TEST(state_of(second->deployment.id) == state::queued);
  advance(limits::switch_timeout);
  BOOST_TEST(state_of(first.id) == state::failed);
  BOOST_TEST(record(first.id).error->code == errc::unavailable);
  BOOST_TEST(state_of(second->deployment.id) == state::preparing);
}

BOOST_AUTO_TEST_CASE(a_lane_says_of_each_deployment_where_it_is_at_every_moment) {
  hold_builds();
  deploy("r1");
  auto second = deploy("r2", when_busy::queue);
  held->end_all();
  auto& now = state_of_actor<deployment_actor_state>(lane()).lane();
  while (scheduler.try_run_once()) {
    auto view = now.describe();
    bool waits = !view.queued.empty() && view.queued.front().id == second.id;
    bool goes_on = view.in_flight && view.in_flight->id == second.id;
    BOOST_TEST((waits || goes_on));
  }
}

BOOST_AUTO_TEST_CASE(those_that_wait_keep_their_order_over_a_restart) {
  hold_builds();
  auto first = deploy("r1");
  auto second = deploy("r2", when_busy::queue);
  world->wall -= 1h;
  auto third = deploy("r3", when_busy::queue);
  restart();
  for (int i = 0; i < 6; ++i)
    advance(1s);
  BOOST_TEST(state_of(third.id) == state::active);
  BOOST_TEST(record(third.id).replaces.value() == second.id);
  BOOST_TEST(record(second.id).replaces.value() == first.id);
}

BOOST_AUTO_TEST_CASE(one_request_id_in_two_lanes_at_once_is_one_deployment) {
  auto blog = lane("blog");
  auto shop = lane("shop");
  auto other = request("r1");
  other.request.app = "blog";
  auto first = self->request(shop, std::chrono::seconds{3600}, request("r1"));
  auto second = self->request(blog, std::chrono::seconds{3600}, other);
  auto won = take<result<admitted>>(first);
  auto lost = take<result<admitted>>(second);
  if (!won)
    std::swap(won, lost);
  BOOST_REQUIRE(won.has_value());
  BOOST_REQUIRE(!lost.has_value());
  BOOST_TEST(lost.error().code == errc::invalid_argument);
  BOOST_TEST(lost.error().details.at("deployment") == won->deployment.id);
}

BOOST_AUTO_TEST_CASE(a_version_is_there_from_the_end_of_pushing_on) {
  own_lane([this](lane_parts& made) {
    made.make_activation_worker = [this](const lane_reports_actor&) {
      return silent<activation_worker_actor>();
    };
    made.make_build_worker = [this] {
      return caf::actor_cast<build_worker_actor>(system.spawn(held_build_worker, held));
    };
  });
  auto d = deploy("r1");
  BOOST_TEST(!record(d.id).version.has_value());
  held->end_all();
  while (scheduler.try_run_once()) {
    auto now = record(d.id);
    BOOST_TEST(((now.state != state::building) || !now.version.has_value()));
    BOOST_TEST(((now.state != state::activating) || now.version.has_value()));
  }
  BOOST_TEST(state_of(d.id) == state::activating);
}

BOOST_AUTO_TEST_CASE(the_notes_of_a_step_stand_before_its_end_in_the_journal) {
  auto d = activating("r1");
  for (int i = 0; i < 130; ++i)
    advance(500ms);
  BOOST_TEST(state_of(d.id) == state::failed);
  auto all = journal_of(d.id);
  const auto* line = std::get_if<log_event>(&all[all.size() - 2].body);
  BOOST_REQUIRE(line != nullptr);
  BOOST_TEST(line->line == "last words of " + d.id + "-1");
  BOOST_TEST(std::get<state_event>(all.back().body).state == state::failed);
  BOOST_TEST(calls("stop " + d.id + "-1") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
