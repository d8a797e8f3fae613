// A session's reads of the store: by a reader of their own, in order, and with a deadline.
#include "test/actors/session_fixture.hpp"

using namespace pawl;
using namespace pawl::test;

namespace {

struct reads_fixture : session_fixture {
  // The store takes its time: nobody else runs.
  void run_session_only() {
    while (scheduler.prioritize(speaker))
      scheduler.try_run_once();
  }

  std::vector<std::uint64_t> refs() const {
    std::vector<std::uint64_t> all;
    for (const auto& frame : client->frames)
      all.push_back(frame.ref);
    return all;
  }

  // The connection takes what it was sent.
  void run_connection() {
    while (scheduler.prioritize(connection))
      scheduler.try_run_once();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(session_reads, reads_fixture)

BOOST_AUTO_TEST_CASE(requests_behind_a_scan_are_answered_behind_it) {
  push(1, protocol::history_request{});
  push(2, protocol::ping{});
  push(3, protocol::versions_request{});
  push(4, protocol::status_request{});
  push(5, protocol::ping{});
  run();
  const std::vector<std::uint64_t> expected{1, 2, 3, 4, 5};
  BOOST_TEST(refs() == expected, boost::test_tools::per_element());
  BOOST_TEST(client->handled == 5u);
}

BOOST_AUTO_TEST_CASE(a_session_waits_for_the_store_without_blocking) {
  push(1, protocol::history_request{});
  push(2, protocol::ping{});
  run_session_only();
  run_connection();
  BOOST_TEST(client->frames.empty());
  BOOST_TEST(client->handled == 0u);
  run();
  BOOST_TEST(client->frames.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_answer_in_time_is_unavailable) {
  push(1, protocol::history_request{});
  run_session_only();
  scheduler.advance_time(limits::request_timeout);
  push(2, protocol::ping{});
  run_session_only();
  run_connection();
  BOOST_REQUIRE(client->frames.size() == 2u);
  BOOST_TEST(to_string(std::get<protocol::refused>(client->frames.front().body).error.code) ==
             to_string(errc::unavailable));
  BOOST_TEST(client->handled == 2u);
  run(); // the late answer is dropped
  BOOST_TEST(client->frames.size() == 2u);
  get<protocol::history_list>(protocol::history_request{});
}

BOOST_AUTO_TEST_CASE(a_reader_ends_with_what_it_had_to_read) {
  const auto before = running();
  push(1, protocol::history_request{});
  run_session_only();
  BOOST_TEST(running() == before + 1);
  run();
  BOOST_TEST(running() == before);
}

BOOST_AUTO_TEST_CASE(a_session_that_ends_while_it_reads_leaves_no_reader) {
  const auto before = running();
  push(1, protocol::history_request{});
  run_session_only();
  disconnect();
  BOOST_TEST(running() == before - 2);
}

BOOST_AUTO_TEST_CASE(input_that_is_no_message_ends_the_session_behind_the_scan_before_it) {
  push(1, protocol::history_request{});
  push(2, protocol::ping{});
  caf::anon_send(speaker, unreadable_input{{errc::invalid_argument, "no message", {}}});
  run();
  const std::vector<std::uint64_t> expected{1, 2, 0};
  BOOST_TEST(refs() == expected, boost::test_tools::per_element());
  BOOST_TEST(client->closed);
}

BOOST_AUTO_TEST_SUITE_END()
