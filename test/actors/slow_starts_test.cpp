// An engine that takes longer to start an instance than anybody waits: what it starts in the end
// belongs to nobody, and is stopped.
#include "test/actors/actor_fixture.hpp"
#include "test/support/print.hpp"

#include <caf/event_based_actor.hpp>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct held_calls_end {};

// Starts that hang, and the stops that wait for them, as the engine promises: calls for one
// instance wait for each other.
struct held_starts {
  std::vector<caf::actor> callers; // in the order of their calls
  std::set<std::string> names;

  void end_all() {
    names.clear();
    for (const auto& one : std::exchange(callers, {}))
      caf::anon_send(one, held_calls_end{});
  }
};

// Takes what an engine caller takes, as far as an activation and its end need it.
caf::behavior slow_caller(caf::event_based_actor* self, std::shared_ptr<fake_world> world,
                          std::shared_ptr<held_starts> held) {
  auto late = std::make_shared<std::vector<std::function<void()>>>();
  auto hold = [self, held, late](std::function<void()> call) {
    late->push_back(std::move(call));
    held->callers.emplace_back(self);
  };
  // An engine caller ends after the call that it is in.
  self->set_exit_handler([self, late](const caf::exit_msg& why) {
    if (late->empty())
      self->quit(why.reason);
  });
  return {
      [=](const instance_spec& spec) {
        auto promise = self->make_response_promise<result<instance>>();
        held->names.insert(spec.name);
        hold([=]() mutable { promise.deliver(world->engine->start(spec)); });
        return caf::result<result<instance>>{promise};
      },
      [=](const stop_instance& what) -> caf::result<result<done>> {
        if (!held->names.contains(what.name)) {
          static_cast<void>(world->engine->stop(what.name, what.grace));
          return result<done>{done{}};
        }
        auto promise = self->make_response_promise<result<done>>();
        hold([=]() mutable {
          static_cast<void>(world->engine->stop(what.name, what.grace));
          promise.deliver(result<done>{done{}});
        });
        return promise;
      },
      [=](const tail_instance&) { return std::vector<std::string>{}; },
      [=](const discard_work&) { return done{}; },
      [=](const held_calls_end&) {
        for (auto& call : *late)
          call();
        self->quit();
      },
  };
}

struct slow_fixture : actor_fixture {
  std::shared_ptr<held_starts> starts = std::make_shared<held_starts>();

  slow_fixture() {
    own_lane([this](lane_parts& made) {
      made.make_caller = [this] {
        return caf::actor_cast<engine_caller_actor>(system.spawn(slow_caller, world, starts));
      };
      made.make_activation_worker = [this, make = made.make_caller](const lane_reports_actor& of) {
        exit_watch watch = [](const std::string&, const std::function<void(instance)>&) {};
        return system.spawn(activation_worker, make, watch, of);
      };
    });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(slow_starts, slow_fixture)

BOOST_AUTO_TEST_CASE(an_instance_that_starts_after_its_deployment_has_failed_is_stopped) {
  auto d = deploy("r1");
  advance(1s);
  BOOST_TEST(state_of(d.id) == state::activating);
  BOOST_TEST(starts->names.size() == 1u);
  for (auto waited = 0s; waited < limits::activation_grace + 5s; waited += 1s)
    advance(1s);
  BOOST_TEST(state_of(d.id) == state::failed);
  BOOST_TEST(world->engine->instances.empty());
  starts->end_all();
  run();
  BOOST_TEST(std::count(world->engine->calls.begin(), world->engine->calls.end(),
                        "start " + d.id + "-1") == 1);
  advance(limits::retry_pause + 1s);
  BOOST_TEST(world->engine->instances.empty());
}

// Longer than the stop is waited for, too: it is asked for again.
BOOST_AUTO_TEST_CASE(an_instance_that_starts_after_the_first_stop_was_given_up_is_stopped) {
  auto d = deploy("r1");
  for (auto waited = 0s; waited < limits::activation_grace + 3 * limits::request_timeout;
       waited += 1s)
    advance(1s);
  BOOST_TEST(state_of(d.id) == state::failed);
  starts->end_all();
  run();
  for (int i = 0; i < 3; ++i)
    advance(limits::retry_pause + 1s);
  BOOST_TEST(world->engine->instances.empty());
}

BOOST_AUTO_TEST_CASE(an_instance_that_starts_after_a_cancel_is_stopped) {
  auto d = deploy("r1");
  advance(1s);
  auto pending = later<result<deployment>>(lane(), cancel_deployment{{}, "bob"});
  advance(limits::cancelling_deadline + 1s);
  starts->end_all();
  run();
  advance(limits::retry_pause + 1s);
  BOOST_TEST(take<result<deployment>>(pending).has_value());
  BOOST_TEST(state_of(d.id) == state::cancelled);
  BOOST_TEST(world->engine->instances.empty());
}

BOOST_AUTO_TEST_SUITE_END()

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(held_calls_end)
