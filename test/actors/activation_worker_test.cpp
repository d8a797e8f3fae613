// One activation: instances are started, probed until each was healthy often enough in a row, and
// the engine callers have ended afterwards.
#include "actors/workers/activation_worker.hpp"
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

#include <caf/event_based_actor.hpp>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

using activated = result<std::vector<instance>>;

struct activation_fixture : actor_fixture {
  std::vector<event_body> notes;
  lane_reports_actor owner = caf::actor_cast<lane_reports_actor>(
      system.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const journal_note& what) { notes.push_back(what.body); }};
      }));
  activation_worker_actor worker =
      system.spawn(activation_worker, caller_maker{[this] {
                     return spawn_engine_caller(system, *parts, actors.unsettled, "process");
                   }},
                   watch(), owner);
  std::size_t before = 0;

  activation_fixture() {
    run();
    before = running();
  }

  ~activation_fixture() {
    caf::anon_send_exit(owner, caf::exit_reason::kill);
    caf::anon_send_exit(worker, caf::exit_reason::kill);
    run();
  }

  exit_watch watch() {
    return
        [engine = world->engine](const std::string& name, std::function<void(instance)> on_exit) {
          engine->watch(name, std::move(on_exit));
        };
  }

  static activation_order order(std::size_t instances = 1, std::uint32_t threshold = 2) {
    activation_order what;
    what.health = fake_world::simple_manifest().health;
    what.health.healthy_threshold = threshold;
    for (std::size_t i = 1; i <= instances; ++i) {
      instance_spec spec;
      spec.name = "d-" + std::to_string(i);
      spec.deployment = "d";
      spec.lane = {"shop", "local"};
      what.specs.push_back(spec);
    }
    return what;
  }

  std::vector<std::string> warnings() const {
    std::vector<std::string> found;
    for (const auto& one : notes)
      if (const auto* warning = std::get_if<warning_event>(&one))
        found.push_back(warning->message);
    return found;
  }

  std::size_t health_notes() const {
    return static_cast<std::size_t>(std::count_if(notes.begin(), notes.end(), [](const auto& one) {
      return std::holds_alternative<health_event>(one);
    }));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(activation, activation_fixture)

BOOST_AUTO_TEST_CASE(an_instance_is_healthy_after_so_many_good_answers_in_a_row) {
  auto pending = later<activated>(worker, order(1, 3));
  BOOST_TEST(world->probe->asked == 1u);
  advance(limits::health_interval);
  world->probe->all_sick = true;
  advance(limits::health_interval);
  world->probe->all_sick = false;
  BOOST_TEST(world->probe->asked == 3u);
  advance(limits::health_interval);
  advance(limits::health_interval);
  BOOST_TEST(world->probe->asked == 5u);
  BOOST_TEST(running() > before - 1); // it goes on: only two in a row
  advance(limits::health_interval);
  auto healthy = take<activated>(pending);
  BOOST_REQUIRE(healthy.has_value());
  BOOST_TEST(healthy->front().name == "d-1");
  BOOST_TEST(world->probe->asked == 6u);
  BOOST_TEST(running() == before - 1);
}

BOOST_AUTO_TEST_CASE(one_that_is_ready_at_once_waits_for_the_first_pause_only) {
  auto pending = later<activated>(worker, order());
  BOOST_TEST(world->probe->asked == 1u);
  advance(limits::first_health_pause);
  BOOST_TEST(world->probe->asked == 2u);
  BOOST_TEST(take<activated>(pending).has_value());
}

BOOST_AUTO_TEST_CASE(the_first_checks_come_fast_and_the_later_ones_in_the_interval) {
  world->probe->nobody_listens = true;
  later<activated>(worker, order());
  std::vector<std::size_t> asked;
  for (auto pause : {20ms, 40ms, 80ms, 160ms, 320ms, 500ms, 500ms}) {
    advance(pause - 1ms);
    asked.push_back(world->probe->asked);
    advance(1ms);
  }
  BOOST_TEST(asked == (std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_app_that_listens_on_another_port_is_told_so_while_it_is_waited_for) {
  world->probe->nobody_listens = true;
  world->engine->places["d-1"] = {{"0.0.0.0:3000"}};
  const std::string advice =
      "d-1 listens on 0.0.0.0:3000; it should listen on $PORT, which is 1000";
  auto pending = later<activated>(worker, order(2));
  BOOST_TEST(warnings().empty()); // it may be about to listen on more
  for (int times = 0; times < 5; ++times)
    advance(limits::health_interval);
  BOOST_TEST(warnings() == std::vector{advice}, boost::test_tools::per_element());
  advance(limits::health_deadline);
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().message.find(advice) != std::string::npos, outcome.error().message);
}

BOOST_AUTO_TEST_CASE(an_app_that_listens_nowhere_is_told_so_at_the_deadline) {
  world->probe->nobody_listens = true;
  world->engine->places["d-1"] = {};
  auto pending = later<activated>(worker, order());
  advance(limits::health_interval);
  advance(limits::health_interval);
  BOOST_TEST(warnings().empty());
  advance(limits::health_deadline);
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().message.find(
                 "d-1 listens on no port; it should listen on $PORT, which is 1000") !=
                 std::string::npos,
             outcome.error().message);
}

BOOST_AUTO_TEST_CASE(an_app_that_answers_badly_is_told_nothing_of_ports) {
  world->probe->all_sick = true;
  world->engine->places["d-1"] = {{"0.0.0.0:3000"}};
  auto pending = later<activated>(worker, order());
  advance(limits::health_interval);
  advance(limits::health_interval);
  advance(limits::health_deadline);
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(warnings().empty());
  BOOST_TEST(outcome.error().message.find("listens") == std::string::npos, outcome.error().message);
}

BOOST_AUTO_TEST_CASE(one_that_was_slow_to_start_proves_itself_fast) {
  world->probe->nobody_listens = true;
  auto pending = later<activated>(worker, order());
  for (int times = 0; times < 9; ++times)
    advance(limits::health_interval);
  world->probe->nobody_listens = false;
  advance(limits::health_interval);
  const auto asked = world->probe->asked;
  advance(limits::first_health_pause);
  BOOST_TEST(world->probe->asked == asked + 1);
  BOOST_TEST(take<activated>(pending).has_value());
}

BOOST_AUTO_TEST_CASE(an_app_that_other_machines_can_reach_is_warned_of_once) {
  for (const std::string instance : {"d-1", "d-2"})
    world->engine->places[instance] = {{"0.0.0.0:1000"}};
  auto pending = later<activated>(worker, order(2));
  advance(limits::health_interval);
  BOOST_TEST(take<activated>(pending).has_value());
  BOOST_REQUIRE(warnings().size() == 1u);
  BOOST_TEST(warnings().front().substr(warnings().front().find(' ')) ==
             " listens on 0.0.0.0:1000: what reaches this machine reaches it there too, past the "
             "router. Let it listen on $HOST, or have network = \"isolated\" set in "
             "[cluster.local] of the server's configuration");
}

BOOST_AUTO_TEST_CASE(answers_that_differ_each_time_are_noted_at_first_and_then_counted) {
  world->probe->all_sick = true;
  world->probe->answers_differ = true;
  auto what = order();
  what.health.interval = 10ms;
  what.health.deadline = 10s;
  auto pending = later<activated>(worker, what);
  for (int times = 0; times < 500; ++times)
    advance(10ms);
  BOOST_TEST(world->probe->asked > 500u);
  BOOST_TEST(health_notes() == limits::health_events);
  advance(10s);
  BOOST_TEST(!take<activated>(pending).has_value());
  BOOST_TEST(health_notes() == limits::health_events + 1);
  const auto& last = std::get<health_event>(notes.back());
  const auto hash = last.detail.find('#');
  BOOST_REQUIRE(hash != std::string::npos);
  const auto number = std::stoul(last.detail.substr(hash + 1));
  BOOST_TEST(number > 500u);
  BOOST_TEST(last.detail.ends_with(fmt::format("#{} (the last of {} more answers that differed)",
                                               number, number - limits::health_events)));
}

BOOST_AUTO_TEST_CASE(only_what_changed_is_noted) {
  later<activated>(worker, order(1, 8));
  for (int i = 0; i < 5; ++i)
    advance(limits::health_interval);
  BOOST_TEST(health_notes() == 1u);
  world->probe->all_sick = true;
  advance(limits::health_interval);
  advance(limits::health_interval);
  BOOST_TEST(health_notes() == 2u);
}

BOOST_AUTO_TEST_CASE(after_the_deadline_it_says_which_instance_was_not_healthy_and_why) {
  world->probe->sick = {"127.0.0.1:1001"};
  auto pending = later<activated>(worker, order(2));
  advance(limits::health_deadline - 1s);
  BOOST_TEST(running() > before - 1);
  advance(2s);
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().code == errc::unhealthy);
  BOOST_TEST(outcome.error().message.find("d-2: GET /: 503") != std::string::npos);
  BOOST_TEST(outcome.error().message.find("d-1:") == std::string::npos);
  BOOST_TEST(running() == before - 1);
}

BOOST_AUTO_TEST_CASE(a_slow_instance_delays_only_itself) {
  world->probe->sick = {"127.0.0.1:1001"};
  auto pending = later<activated>(worker, order(3));
  advance(limits::health_interval);
  auto asked = world->probe->asked;
  advance(limits::health_interval);
  BOOST_TEST(world->probe->asked == asked + 1);
  world->probe->sick.clear();
  advance(limits::health_interval);
  advance(limits::health_interval);
  auto healthy = take<activated>(pending);
  BOOST_REQUIRE(healthy.has_value());
  BOOST_TEST(healthy->size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_instance_that_cannot_be_started_ends_it_with_the_engines_error) {
  world->engine->failures["start"] = {errc::not_found, "no such artifact", {}};
  auto pending = later<activated>(worker, order(2));
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().code == errc::not_found);
  BOOST_TEST(world->probe->asked == 0u);
  BOOST_TEST(running() == before - 1);
}

BOOST_AUTO_TEST_CASE(an_end_in_the_middle_is_answered_and_leaves_no_hand) {
  world->probe->all_sick = true;
  auto pending = later<activated>(worker, order(3));
  BOOST_TEST(running() == before + 3);
  caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
  run();
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().code == errc::cancelled);
  BOOST_TEST(running() == before - 1);
}

BOOST_AUTO_TEST_CASE(a_kill_in_the_middle_leaves_no_hand) {
  world->probe->all_sick = true;
  later<activated>(worker, order(3));
  caf::anon_send_exit(worker, caf::exit_reason::kill);
  run();
  BOOST_TEST(running() == before - 1);
}

BOOST_AUTO_TEST_CASE(it_ends_with_its_lane) {
  world->probe->all_sick = true;
  later<activated>(worker, order(3));
  caf::anon_send_exit(owner, caf::exit_reason::kill);
  run();
  BOOST_TEST(running() == before - 2);
}

// The engine is never called for one deployment twice at once: whoever stops it waits for a start.
BOOST_AUTO_TEST_CASE(an_end_while_an_instance_starts_is_answered_after_the_start) {
  caf::typed_response_promise<result<instance>> start;
  // As an engine caller, it takes its end only after the call it is in.
  auto slow_caller = [&start](caf::event_based_actor* it) -> caf::behavior {
    it->set_exit_handler([](const caf::exit_msg&) {});
    return {[it, &start](const instance_spec&) {
              start = it->make_response_promise<result<instance>>();
              return caf::result<result<instance>>{start};
            },
            [it, &start](const instance_exited& made) {
              start.deliver(result<instance>{made.what});
              it->quit();
            }};
  };
  caf::actor caller;
  auto slow = system.spawn(activation_worker, caller_maker{[&] {
                             caller = system.spawn(slow_caller);
                             return caf::actor_cast<engine_caller_actor>(caller);
                           }},
                           watch(), owner);
  auto pending = later<activated>(slow, order(3));
  caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
  run();
  BOOST_TEST(running() == before + 2);
  caf::anon_send(caller, instance_exited{});
  auto outcome = take<activated>(pending);
  BOOST_REQUIRE(!outcome.has_value());
  BOOST_TEST(outcome.error().code == errc::cancelled);
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_SUITE_END()
