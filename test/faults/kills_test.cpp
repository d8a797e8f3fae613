// Kills at places that nobody named: at every flush, write, rename and send of the server, and at
// random moments of everything.
#include "test/faults/damaged_world.hpp"

#include <csignal>
#include <cstdlib>
#include <random>

namespace {

using namespace pawl::test;

// For N = 1, 2, 3, … and from 8 on ever wider steps, until a deploy ends before the server dies.
void kill_at_every(const std::string& call) {
  damaged_world world;
  constexpr unsigned calls_of_a_deploy = 4000; // far above any
  unsigned n = 1;
  while (n < calls_of_a_deploy &&
         world.die_at_call(call, n, {0}, [&] { return one(world.deploy()); }))
    n += 1 + n / 8;
  BOOST_TEST(n > 1, "no deploy comes to a " << call);
  BOOST_TEST(n < calls_of_a_deploy);
  world.finish();
}

} // namespace

BOOST_AUTO_TEST_SUITE(kills_test)

// Fault: F3; hits: pawld; at: preparing building pushing activating switch active; holds: I1 I3.
BOOST_AUTO_TEST_CASE(a_kill_at_any_flush_of_a_commit_loses_nothing) {
  kill_at_every("fdatasync");
}

// Fault: F3; hits: pawld; at: preparing building pushing activating switch active; holds: I1 I3.
BOOST_AUTO_TEST_CASE(a_kill_at_any_flush_of_a_file_loses_nothing) {
  kill_at_every("fsync");
}

// Fault: F3; hits: pawld; at: preparing building pushing activating switch active; holds: I1 I3.
BOOST_AUTO_TEST_CASE(a_kill_at_any_rename_loses_nothing) {
  kill_at_every("rename,renameat,renameat2");
}

// Fault: F3; hits: pawld; at: preparing building pushing activating switch active; holds: I1 I3.
BOOST_AUTO_TEST_CASE(a_kill_at_any_write_of_a_page_loses_nothing) {
  kill_at_every("pwrite64,pwritev");
}

// An answer, an event or a word to the router is sent, or it is not; whoever waits for it asks
// again. Fault: F3; hits: pawld; at: request preparing building pushing activating switch active;
// holds: I1 I3 I6.
BOOST_AUTO_TEST_CASE(a_kill_at_any_send_loses_nothing) {
  kill_at_every("sendto,sendmsg");
}

// Fault: F2 F12 F16 F39; hits: machine; at: preparing building pushing activating switch active;
// holds: I1 I2 I3 I4 I5 I6 I8.
BOOST_AUTO_TEST_CASE(kills_of_anything_at_random_moments_lose_nothing) {
  constexpr int rounds = 24;
  constexpr unsigned longest_ms = 700;
  const auto* again = std::getenv("PAWL_SEED"); // of a run that failed
  const auto seed =
      again ? static_cast<unsigned>(std::strtoul(again, nullptr, 10)) : std::random_device{}();
  BOOST_TEST_MESSAGE("PAWL_SEED=" << seed);
  BOOST_TEST_CONTEXT("PAWL_SEED=" << seed) {
    std::mt19937 random{seed};
    damaged_world world;
    auto& server = world.server();
    struct blow {
      std::function<void(const clients&)> strike;
      ending client = 0;
    };
    const std::vector<blow> blows{
        {[&](const clients&) { server.kill(); }},
        {[&](const clients&) { world.kill_serving_instance(); }},
        {[&](const clients&) {
          if (const auto router = server.router_pid(); router > 0)
            ::kill(router, SIGKILL);
        }},
        {[&](const clients& all) {
           all.back()->signal(SIGKILL);
           check_exit(world.ask_again()->wait(), 0); // its source may not be all there
         },
         ending::any_of({0, killed})},
    };
    for (int round = 0; round < rounds; ++round) {
      const std::chrono::milliseconds moment{random() % longest_ms};
      const auto& [strike, client] = blows[random() % blows.size()];
      world.strike(
          {client}, [&] { return one(world.deploy({.build = "sleep 0.1"})); },
          [&, now = strike](const clients& all) {
            BOOST_REQUIRE(eventually([&] { return world.last_is_accepted(); }));
            // The moment is the test: nothing else is waited for.
            eventually([&] { return !server.server().running(); }, moment);
            now(all);
          });
    }
    world.finish();
  }
}

BOOST_AUTO_TEST_SUITE_END()
