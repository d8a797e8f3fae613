#include "gateway/frames/connection.hpp"

#include "test/gateway/raw_client.hpp"
#include "test/gateway/server_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <caf/send.hpp>

#include <random>
#include <sys/socket.h>
#include <thread>

namespace {

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;
using gateway::connection_settings;
using gateway::listener_settings;

listener_settings with(const connection_settings& settings) {
  return {.connection = settings};
}

connection_settings quick_hello() {
  connection_settings settings;
  settings.hello_timeout = 100ms;
  return settings;
}

connection_settings quick_pings() {
  connection_settings settings;
  settings.ping_interval = 50ms;
  settings.silence_timeout = 300ms;
  return settings;
}

std::string header(std::uint32_t length) {
  std::string bytes(4, '\0');
  for (std::size_t i = 0; i < 4; ++i)
    bytes[i] = static_cast<char>(static_cast<unsigned char>(length >> (8 * (3 - i))));
  return bytes;
}

bool echoes(raw_client& client, std::uint64_t ref) {
  if (!client.send(protocol::show_request{"abc"}, ref))
    return false;
  auto answer = client.receive();
  return answer && answer->ref == ref;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(connections, server_fixture)

BOOST_AUTO_TEST_CASE(requests_are_answered_in_order) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  for (std::uint64_t ref = 1; ref <= 100; ++ref)
    BOOST_REQUIRE(echoes(client, ref));
}

BOOST_AUTO_TEST_CASE(ten_thousand_frames_go_both_ways_in_order) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  constexpr std::uint64_t count = 10'000;
  std::thread sender{[&] {
    for (std::uint64_t ref = 1; ref <= count; ++ref)
      if (!client.send(protocol::show_request{"abc"}, ref))
        return;
  }};
  std::uint64_t in_order = 0;
  while (in_order < count) {
    auto answer = client.receive();
    if (!answer || answer->ref != in_order + 1)
      break;
    ++in_order;
  }
  sender.join();
  BOOST_TEST(in_order == count);
}

BOOST_AUTO_TEST_CASE(a_frame_that_comes_byte_by_byte_is_one_frame) {
  listen(echo_sessions);
  raw_client client{socket()};
  auto frame = *protocol::encode({0, protocol::hello{protocol::version, "slow 0", {}}});
  for (char byte : frame)
    BOOST_REQUIRE(client.send(std::string_view{&byte, 1}));
  auto answer = client.receive();
  BOOST_REQUIRE(answer);
  BOOST_TEST(record.frames() == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_chunk_passes) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  protocol::upload_chunk chunk{"abc", 0, std::vector<char>(limits::chunk_bytes, 'x')};
  for (std::uint64_t ref = 1; ref <= 20; ++ref) {
    BOOST_REQUIRE(client.send(chunk, ref));
    auto answer = client.receive();
    BOOST_REQUIRE(answer);
    BOOST_CHECK(std::get<protocol::upload_chunk>(answer->body).bytes == chunk.bytes);
  }
}

BOOST_AUTO_TEST_CASE(who_says_nothing_is_closed_after_the_hello_timeout) {
  listen(echo_sessions, with(quick_hello()));
  raw_client silent{socket()};
  raw_client halfway{socket()};
  raw_client talking{socket()};
  BOOST_REQUIRE(halfway.send(header(100) + "half a"));
  BOOST_REQUIRE(talking.greet());
  BOOST_TEST(silent.sees_the_end());
  BOOST_TEST(halfway.sees_the_end());
  BOOST_TEST(record.wait_for_ended(2));
  BOOST_TEST(echoes(talking, 3));
}

BOOST_AUTO_TEST_CASE(a_length_of_zero_or_over_the_limit_ends_the_connection) {
  listen(echo_sessions);
  raw_client good{socket()};
  BOOST_REQUIRE(good.greet());
  for (auto length : {0U, static_cast<std::uint32_t>(limits::frame_bytes) + 1, 0xffffffffU}) {
    raw_client bad{socket()};
    BOOST_REQUIRE(bad.send(header(length)));
    BOOST_TEST(bad.sees_the_end());
  }
  BOOST_TEST(echoes(good, 2));
}

BOOST_AUTO_TEST_CASE(a_stranger_may_send_no_more_than_a_hello_takes) {
  connection_settings settings;
  settings.hello_timeout = 1h; // else it would end them
  listen(echo_sessions, with(settings));
  for (auto length : {limits::hello_frame_bytes + 1, limits::frame_bytes}) {
    raw_client bad{socket()};
    BOOST_REQUIRE(bad.send(header(static_cast<std::uint32_t>(length))));
    BOOST_TEST(bad.sees_the_end());
  }
  raw_client longest{socket()};
  BOOST_REQUIRE(
      longest.send(protocol::hello{protocol::version, std::string(limits::program_bytes, 'p'),
                                   secret{std::string(limits::token_bytes, 't')}},
                   0));
  BOOST_TEST(longest.receive().has_value());
  // From then on, frames of any length; also what was sent before the answer came.
  raw_client eager{socket()};
  const protocol::upload_chunk chunk{"abc", 0, std::vector<char>(limits::chunk_bytes, 'x')};
  BOOST_REQUIRE(eager.send(protocol::hello{protocol::version, "eager 0", {}}, 0));
  BOOST_REQUIRE(eager.send(chunk, 1));
  BOOST_REQUIRE(eager.receive().has_value());
  BOOST_TEST(eager.receive().has_value());
}

BOOST_AUTO_TEST_CASE(a_stranger_has_one_frame_in_work) {
  listen(holding_sessions);
  raw_client stranger{socket()};
  for (std::uint64_t ref = 1; ref <= limits::frames_in_work; ++ref)
    BOOST_REQUIRE(stranger.send(protocol::show_request{"abc"}, ref));
  BOOST_REQUIRE(record.wait_for_frames(1));
  BOOST_TEST(stranger.hears_nothing_for(50ms));
  BOOST_TEST(record.frames() == 1U);
}

BOOST_AUTO_TEST_CASE(who_has_said_hello_is_told_why_it_is_closed) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  BOOST_REQUIRE(client.send(header(0xffffffffU)));
  auto answer = client.receive();
  BOOST_REQUIRE(answer);
  BOOST_REQUIRE(std::holds_alternative<protocol::refused>(answer->body));
  BOOST_CHECK(std::get<protocol::refused>(answer->body).error.code == errc::too_large);
  BOOST_TEST(client.sees_the_end());
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_no_message_is_refused_after_the_answers_before_it) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  auto asked = *protocol::encode({1, protocol::show_request{"abc"}});
  auto pipelined = std::string{asked.data(), asked.size()} + header(3) + "\x01\x02\x03";
  BOOST_REQUIRE(client.send(pipelined + std::string{asked.data(), asked.size()}));
  auto answer = client.receive();
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->ref == 1U);
  auto refusal = client.receive();
  BOOST_REQUIRE(refusal);
  BOOST_TEST(refusal->ref == 0U);
  BOOST_TEST(to_string(std::get<protocol::refused>(refusal->body).error.code) ==
             to_string(errc::invalid_argument));
  BOOST_TEST(client.sees_the_end());
  BOOST_TEST(record.frames() == 3U); // hello, the first request, the end
}

// The session cannot know: the listener packs what it is given.
BOOST_AUTO_TEST_CASE(an_answer_that_no_frame_takes_is_replaced_by_a_refusal) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  BOOST_REQUIRE(client.send(protocol::show_request{"b16"}, 7));
  auto answer = client.receive();
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->ref == 7U);
  BOOST_TEST(to_string(std::get<protocol::refused>(answer->body).error.code) ==
             to_string(errc::too_large));
  BOOST_TEST(echoes(client, 8));
}

BOOST_AUTO_TEST_CASE(garbage_ends_its_connection_and_no_other) {
  listen(echo_sessions, with(quick_hello()));
  raw_client good{socket()};
  BOOST_REQUIRE(good.greet());
  std::mt19937 random{17};
  for (int i = 0; i < 100; ++i) {
    raw_client bad{socket()};
    std::string bytes(300, '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random() & 0xffU);
    if (i % 2 == 0)
      bytes = header(296) + bytes.substr(4);
    bad.send(bytes); // may fail: the server does not wait for its end
    BOOST_REQUIRE(bad.sees_the_end());
  }
  BOOST_TEST(echoes(good, 2));
}

BOOST_AUTO_TEST_CASE(no_more_frames_are_read_than_the_session_has_in_work) {
  listen(holding_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  constexpr std::size_t count = 100;
  for (std::uint64_t ref = 1; ref <= count; ++ref)
    BOOST_REQUIRE(client.send(protocol::show_request{"abc"}, ref));
  for (std::size_t taken = limits::frames_in_work; taken < count; taken += limits::frames_in_work) {
    BOOST_REQUIRE(record.wait_for_frames(taken));
    BOOST_REQUIRE(client.hears_nothing_for(5ms));
    BOOST_REQUIRE_EQUAL(record.frames(), taken);
    caf::anon_send(record.session(0), release{});
  }
  BOOST_TEST(record.wait_for_frames(count));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_off_and_others_are_served) {
  listen(echo_sessions);
  raw_client good{socket()};
  BOOST_REQUIRE(good.greet());
  raw_client stalled{socket()};
  BOOST_REQUIRE(stalled.greet());
  BOOST_REQUIRE(stalled.send(protocol::show_request{"f100d"}, 2)); // 64 MiB; nothing is read
  BOOST_TEST(record.wait_for_ended(1));
  for (std::uint64_t ref = 1; ref <= 100; ++ref)
    BOOST_REQUIRE(echoes(good, ref));
  BOOST_TEST(stalled.sees_the_end());
}

BOOST_AUTO_TEST_CASE(a_client_that_reads_slowly_gets_everything) {
  auto settings = connection_settings{};
  settings.unsent_bytes = 128 * limits::mib;
  listen(echo_sessions, with(settings));
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  BOOST_REQUIRE(client.send(protocol::show_request{"f100d"}, 2));
  const protocol::upload_chunk chunk{"d", 0, std::vector<char>(limits::chunk_bytes, 'x')};
  auto frame = protocol::encode({2, chunk})->size();
  auto expected = 64 * limits::mib / limits::chunk_bytes;
  std::vector<char> bytes(frame);
  std::size_t got = 0;
  while (got < expected * frame) {
    auto count = ::recv(client.descriptor(), bytes.data(), bytes.size(), 0);
    if (count <= 0)
      break;
    got += static_cast<std::size_t>(count);
  }
  BOOST_TEST(got == expected * frame);
}

// The socket takes some of them at once, a part of one, and none of the rest.
BOOST_AUTO_TEST_CASE(frames_that_share_their_rest_arrive_whole_and_in_order) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  BOOST_REQUIRE(client.send(protocol::show_request{"sha7ed"}, 1));
  BOOST_REQUIRE(record.wait_for_frames(2));
  for (std::uint64_t ref = 1; ref <= 40; ++ref) {
    auto frame = client.receive();
    BOOST_REQUIRE(frame);
    BOOST_REQUIRE_EQUAL(frame->ref, ref);
  }
  BOOST_TEST(echoes(client, 41));
}

BOOST_AUTO_TEST_CASE(what_a_session_wrote_before_its_end_arrives) {
  listen(hasty_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.send(protocol::hello{}, 0));
  for (std::uint64_t i = 0; i < 300; ++i) {
    auto frame = client.receive();
    BOOST_REQUIRE(frame);
    BOOST_REQUIRE_EQUAL(frame->ref, i);
  }
  BOOST_TEST(client.sees_the_end());
}

BOOST_AUTO_TEST_CASE(an_idle_client_is_pinged_and_stays_if_it_answers) {
  listen(echo_sessions, with(quick_pings()));
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  for (int heard = 0; heard < 20;) { // over three times the silence timeout
    auto frame = client.receive();
    BOOST_REQUIRE(frame);
    if (!std::holds_alternative<protocol::ping>(frame->body))
      continue;
    ++heard;
    BOOST_REQUIRE(client.send(protocol::pong{}, 0));
  }
}

BOOST_AUTO_TEST_CASE(a_client_that_falls_silent_is_given_up) {
  listen(echo_sessions, with(quick_pings()));
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  BOOST_TEST(record.wait_for_ended(1));
  BOOST_TEST(client.sees_the_end());
}

BOOST_AUTO_TEST_CASE(a_client_whose_frames_wait_for_the_session_is_not_silent) {
  listen(holding_sessions, with(quick_pings()));
  raw_client client{socket()};
  BOOST_REQUIRE(client.send(protocol::show_request{"abc"}, 1));
  BOOST_REQUIRE(record.wait_for_frames(1));
  BOOST_TEST(client.hears_nothing_for(1s)); // no ping before the session's hello, and no end
  caf::anon_send(record.session(0), release{});
  BOOST_REQUIRE(client.send(protocol::show_request{"abc"}, 2));
  BOOST_TEST(record.wait_for_frames(2));
}

BOOST_AUTO_TEST_CASE(a_server_stops_although_a_client_does_not_read) {
  auto settings = connection_settings{};
  settings.unsent_bytes = 128 * limits::mib;
  settings.close_timeout = 50ms;
  listen(echo_sessions, with(settings));
  raw_client stalled{socket()};
  BOOST_REQUIRE(stalled.greet());
  BOOST_REQUIRE(stalled.send(protocol::show_request{"f100d"}, 2));
  BOOST_REQUIRE(record.wait_for_frames(2));
  stop();
  BOOST_TEST(record.wait_for_ended(1));
}

BOOST_AUTO_TEST_CASE(a_client_that_shuts_its_own_half_is_gone) {
  listen(echo_sessions);
  raw_client client{socket()};
  BOOST_REQUIRE(client.greet());
  ::shutdown(client.descriptor(), SHUT_WR);
  BOOST_TEST(record.wait_for_ended(1));
  BOOST_TEST(client.sees_the_end());
}

BOOST_AUTO_TEST_SUITE_END()
