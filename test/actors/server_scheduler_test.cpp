// The server's scheduler, with real threads: those of actors that block, and whose turn it is.
#include "actors/runtime/server_scheduler.hpp"

#include "actors/runtime/asking.hpp"
#include "actors/runtime/own_thread.hpp"
#include "test/support/eventually.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <vector>

#include <sched.h>

using namespace pawl;
using namespace pawl::test;

namespace {

struct scheduler_config : caf::actor_system_config {
  scheduler_config() { set_up_scheduling(*this); }
};

using blocking_actor = blocking<asking<caf::event_based_actor>>;

struct scheduler_fixture {
  scheduler_config config;
  caf::actor_system system{config};

  blocking_threads& threads() { return *blocking_threads_of(system); }

  // Calls `what` in a blocking actor for each message, and ends at one that is 0.
  caf::actor blocks(std::function<void(int)> what) {
    auto made =
        spawn_with_thread(system, [what = std::move(what)](blocking_actor* self) -> caf::behavior {
          return {[self, what](int number) {
            what(number);
            if (number == 0)
              self->quit();
          }};
        });
    BOOST_REQUIRE(made.has_value());
    return *made;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(server_scheduler_test, scheduler_fixture)

BOOST_AUTO_TEST_CASE(actors_that_block_do_not_wait_for_one_another) {
  constexpr int many = 20;
  std::latch all_are_in{many};
  std::atomic<int> done = 0;
  std::vector<caf::actor> actors;
  for (int i = 0; i < many; ++i)
    actors.push_back(blocks([&](int) {
      all_are_in.arrive_and_wait(); // comes back only when each of them is in it
      ++done;
    }));
  for (const auto& one : actors)
    caf::anon_send(one, 0);
  BOOST_TEST(eventually([&] { return done == many; }));
}

BOOST_AUTO_TEST_CASE(a_thread_is_kept_for_the_next_actor) {
  constexpr int many = 200;
  std::atomic<int> done = 0;
  for (int i = 0; i < many; ++i) {
    caf::anon_send(blocks([&](int) { ++done; }), 0);
    BOOST_REQUIRE(eventually([&] { return done == i + 1; }));
  }
  // The one before may not have given its thread back when the next is made.
  BOOST_TEST(threads().running() <= 3U);
}

BOOST_AUTO_TEST_CASE(an_actor_that_blocks_takes_no_processor_from_who_runs) {
  std::atomic<int> policy = -1;
  caf::anon_send(blocks([&](int) { policy = ::sched_getscheduler(0); }), 0);
  BOOST_REQUIRE(eventually([&] { return policy != -1; }));
  BOOST_TEST(policy == SCHED_BATCH);
}

BOOST_AUTO_TEST_CASE(an_actor_that_blocks_takes_one_message_after_another) {
  std::vector<int> taken;
  std::atomic<bool> ended = false;
  auto one = blocks([&](int number) {
    taken.push_back(number);
    ended = number == 0;
  });
  for (int i = 1000; i >= 0; --i)
    caf::anon_send(one, i);
  BOOST_REQUIRE(eventually([&] { return ended.load(); }));
  BOOST_TEST(taken.size() == 1001U);
  BOOST_TEST(std::is_sorted(taken.rbegin(), taken.rend()));
}

// More pairs than there are workers: each would have one to itself for ever.
BOOST_AUTO_TEST_CASE(actors_that_only_talk_to_each_other_do_not_keep_others_waiting) {
  std::atomic<bool> over = false;
  auto talker = [&over](caf::event_based_actor* self) -> caf::behavior {
    return {[self, &over](const caf::actor& other) {
      if (over)
        self->quit();
      self->send(other, caf::actor_cast<caf::actor>(self));
    }};
  };
  constexpr int pairs = 32;
  std::vector<caf::actor> talkers;
  for (int i = 0; i < pairs; ++i) {
    auto one = system.spawn(talker);
    auto other = system.spawn(talker);
    caf::anon_send(one, other);
    talkers.insert(talkers.end(), {one, other});
  }
  std::atomic<int> heard = 0;
  auto third = system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](int number) {
      ++heard;
      if (number == 0)
        self->quit();
    }};
  });
  for (int i = 9; i >= 0; --i)
    caf::anon_send(third, i);
  BOOST_TEST(eventually([&] { return heard == 10; }));
  over = true;
  for (const auto& one : talkers)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_SUITE_END()
