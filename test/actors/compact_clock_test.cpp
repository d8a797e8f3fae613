// The server's clock, with real threads: what it delivers, and what it no longer keeps.
#include "actors/runtime/asking.hpp"
#include "actors/runtime/server_scheduler.hpp"

#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

struct own_clock_config : caf::actor_system_config {
  own_clock_config() { set_up_scheduling(*this); }
};

struct clock_fixture {
  own_clock_config config;
  caf::actor_system system{config};

  compact_clock& clock() { return dynamic_cast<compact_clock&>(system.scheduler().clock()); }

  // Runs with an actor of its own, which ends then.
  void in_actor(const std::function<void(caf::event_based_actor*)>& what) {
    std::atomic<bool> ran = false;
    system.spawn([&](caf::event_based_actor* self) {
      what(self);
      ran = true;
    });
    BOOST_REQUIRE(eventually([&] { return ran.load(); }));
  }
};

// Takes every request and answers none.
caf::behavior silent(caf::event_based_actor* self, std::vector<caf::response_promise>* kept) {
  return {[=](int) {
    kept->push_back(self->make_response_promise());
    return kept->back();
  }};
}

caf::behavior echo(caf::event_based_actor*) {
  return {[](int what) { return what; }};
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(compact_clocks, clock_fixture)

BOOST_AUTO_TEST_CASE(delayed_messages_come_in_the_order_of_their_times) {
  std::vector<int> came;
  std::atomic<int> count = 0;
  auto listener = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 60ms, 3);
    self->delayed_send(self, 20ms, 2);
    self->delayed_send(self, 1ms, 1);
    return {[&, self](int which) {
      came.push_back(which);
      if (++count == 3)
        self->quit();
    }};
  });
  BOOST_REQUIRE(eventually([&] { return count == 3; }));
  BOOST_TEST(came == (std::vector<int>{1, 2, 3}));
  BOOST_TEST(clock().waiting() == 0U);
}

BOOST_AUTO_TEST_CASE(a_request_without_an_answer_times_out_not_before_its_time) {
  std::vector<caf::response_promise> kept;
  auto mute = system.spawn(silent, &kept);
  const auto begun = std::chrono::steady_clock::now();
  std::atomic<bool> timed_out = false;
  auto asker = system.spawn([&](caf::event_based_actor* self) {
    self->request(mute, 50ms, 1)
        .then([](int) {},
              [&](const caf::error& why) { timed_out = why == caf::sec::request_timeout; });
  });
  BOOST_REQUIRE(eventually([&] { return timed_out.load(); }));
  BOOST_TEST((std::chrono::steady_clock::now() - begun) >= 50ms);
  BOOST_TEST(clock().waiting() == 0U);
  caf::anon_send_exit(mute, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(what_is_due_first_comes_first_though_it_was_asked_for_last) {
  std::atomic<bool> came = false;
  auto listener = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 60min, 2); // its thread waits for this one now
    self->delayed_send(self, 100ms, 0);
    return {[&, self](int which) {
      if (which == 0)
        self->delayed_send(self, 1ms, 1);
      came = which == 1;
      if (came)
        self->quit();
    }};
  });
  BOOST_TEST(eventually([&] { return came.load(); }));
}

BOOST_AUTO_TEST_CASE(what_an_actor_waited_for_goes_when_it_ends) {
  std::vector<caf::response_promise> kept;
  auto mute = system.spawn(silent, &kept);
  in_actor([&](caf::event_based_actor* self) {
    self->delayed_send(self, 60min, 1);
    self->request(mute, 60min, 2).then([](int) {});
    self->quit();
  });
  BOOST_TEST(eventually([&] { return clock().waiting() == 0; }));
  caf::anon_send_exit(mute, caf::exit_reason::user_shutdown);
}

// The server's actors are `asking`: they live for long, and would gather them.
BOOST_AUTO_TEST_CASE(the_timeout_of_a_request_goes_when_its_answer_comes) {
  auto partner = system.spawn(echo);
  std::vector<caf::response_promise> kept;
  auto mute = system.spawn(silent, &kept);
  std::atomic<int> answers = 0;
  using asker_type = asking<caf::event_based_actor>;
  auto asker = system.spawn([&](asker_type* self) -> caf::behavior {
    for (int n = 0; n < 100; ++n)
      self->request(partner, 60min, n).then([&](int) { ++answers; });
    self->request(mute, 60min, 1).then([](int) {});
    return {[self](int) { self->quit(); }};
  });
  BOOST_REQUIRE(eventually([&] { return answers == 100; }));
  BOOST_TEST(clock().waiting() == 1U); // what nobody answers
  caf::anon_send(asker, 0);
  BOOST_TEST(eventually([&] { return clock().waiting() == 0; }));
  caf::anon_send_exit(mute, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(partner, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_SUITE_END()
