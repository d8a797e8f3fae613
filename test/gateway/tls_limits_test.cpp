#include "gateway/remote/tls_listener.hpp"

#include "gateway/frames/refusing_session.hpp"
#include "test/gateway/tls_fixture.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace {

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

gateway::listener_settings quick_to_end() {
  auto settings = gateway::settings_for_strangers();
  settings.connection.hello_timeout = 500ms;
  return settings;
}

bool greets_from(std::uint16_t port, const char* from) {
  return tls_client{port, {.from = from}}.greet().has_value();
}

bool answers(raw_client& client, std::uint64_t ref) {
  if (!client.send(protocol::show_request{"abc"}, ref))
    return false;
  auto answer = client.receive();
  return answer && answer->ref == ref;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_limits, tls_fixture)

BOOST_AUTO_TEST_CASE(who_is_slow_in_the_handshake_or_after_it_is_closed_and_others_are_served) {
  listen(echo_sessions, quick_to_end());
  tls_client good{port()};
  BOOST_REQUIRE(good.greet());
  raw_client silent{port()};
  raw_client half_a_hello{port()};
  BOOST_REQUIRE(half_a_hello.send(std::string{"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03", 11}));
  tls_client says_nothing{port()};
  tls_client half_a_frame{port()};
  BOOST_REQUIRE(half_a_frame.send(std::string{"\0\0\0\x10half", 8}));
  tls_client half_a_request{port(), {.protocols = {"http/1.1"}}};
  BOOST_REQUIRE(half_a_request.send("GET /healthz HTTP/1.1\r\nHos"));
  BOOST_TEST(silent.sees_the_end());
  BOOST_TEST(half_a_hello.sees_the_end());
  BOOST_TEST(says_nothing.sees_the_end());
  BOOST_TEST(half_a_frame.sees_the_end());
  BOOST_TEST(half_a_request.sees_the_end());
  BOOST_TEST(answers(good, 2));
}

BOOST_AUTO_TEST_CASE(who_sends_a_byte_at_a_time_is_ended_by_the_same_deadline) {
  listen(echo_sessions, quick_to_end());
  raw_client hello{port()};
  tls_client frame{port()};
  tls_client header{port(), {.protocols = {"http/1.1"}}};
  const auto drip = [](raw_client& client, const std::string& text) {
    std::size_t next = 0;
    return eventually(
               [&] { return next == text.size() || !client.send(text.substr(next++, 1)); }) &&
           next < text.size();
  };
  BOOST_TEST(drip(hello, whole_client_hello() + std::string(100'000, 'x')));
  BOOST_TEST(drip(frame, std::string{"\0\0\x0f\xa0", 4} + std::string(3000, 'x')));
  BOOST_TEST(drip(header, "GET /healthz HTTP/1.1\r\nX: " + std::string(3000, 'x')));
}

BOOST_AUTO_TEST_CASE(an_address_has_64_strangers_and_clients_that_were_greeted_are_none) {
  listen();
  std::vector<tls_client> greeted;
  for (int i = 0; i < 3; ++i) {
    greeted.emplace_back(port(), tls_client_plan{.from = "127.0.0.9"});
    BOOST_REQUIRE(greeted.back().greet());
  }
  std::vector<raw_client> silent;
  for (std::size_t i = 0; i < limits::strangers_per_address; ++i)
    silent.emplace_back(port(), "127.0.0.9");
  BOOST_TEST(raw_client(port(), "127.0.0.9").sees_the_end());
  BOOST_TEST(greets_from(port(), "127.0.0.10"));
  BOOST_TEST(answers(greeted.front(), 2));
  silent.pop_back();
  BOOST_TEST(eventually([&] { return greets_from(port(), "127.0.0.9"); }));
}

BOOST_AUTO_TEST_CASE(where_all_places_are_taken_the_stranger_goes_that_has_waited_longest) {
  auto settings = gateway::settings_for_strangers();
  settings.connections = 4;
  listen(echo_sessions, settings);
  tls_client good{port()};
  BOOST_REQUIRE(good.greet());
  raw_client without_handshake{port(), "127.0.0.9"};
  tls_client without_hello{port(), {.from = "127.0.0.10"}};
  BOOST_REQUIRE(without_hello.is_open());
  raw_client latest{port(), "127.0.0.11"};
  tls_client second{port()};
  BOOST_REQUIRE(second.greet());
  BOOST_TEST(without_handshake.sees_the_end());
  tls_client third{port()};
  BOOST_REQUIRE(third.greet());
  BOOST_TEST(without_hello.sees_the_end());
  BOOST_TEST(latest.hears_nothing_for(0ms));
  tls_client fourth{port()};
  BOOST_REQUIRE(fourth.greet());
  BOOST_TEST(latest.sees_the_end());
  BOOST_TEST(!tls_client{port()}.greet()); // clients that were greeted make no room
  for (auto* client : {&good, &second, &third, &fourth})
    BOOST_TEST(answers(*client, 2));
}

BOOST_AUTO_TEST_CASE(handshakes_count_for_all_listeners) {
  auto settings = gateway::settings_for_strangers();
  settings.in_all = std::make_shared<std::size_t>(0);
  listen(echo_sessions, settings);
  settings.connections = 1;
  auto other = gateway::listen_tls(system(), "127.0.0.1:0", credentials(),
                                   echo_sessions(system(), record), settings);
  BOOST_REQUIRE(other.has_value());
  const auto& endpoint = other->endpoint();
  const auto full_port =
      static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
  {
    raw_client silent{port()};
    BOOST_TEST(eventually([&] { return !tls_client{full_port}.greet(); }));
    for (int i = 0; i < 10; ++i)
      BOOST_TEST(!tls_client{full_port}.greet());
  }
  BOOST_TEST(eventually([&] { return tls_client{full_port}.greet().has_value(); }));
}

BOOST_AUTO_TEST_CASE(after_20_failed_logins_an_address_is_told_when_to_come_back) {
  listen(gateway::refusing_sessions(system(), {errc::unauthenticated, "no", {}}));
  const auto refusal = [&](const char* from) {
    tls_client client{port(), {.from = from}};
    client.send(protocol::hello{}, 0);
    auto answer = client.receive();
    BOOST_REQUIRE(answer);
    BOOST_TEST(client.sees_the_end()); // the listener has heard of it
    return std::get<protocol::refused>(answer->body).error;
  };
  for (std::size_t i = 0; i < limits::failed_logins; ++i)
    BOOST_REQUIRE(refusal("127.0.0.9").code == errc::unauthenticated);
  const auto last = refusal("127.0.0.9");
  BOOST_TEST(to_string(last.code) == "resource_exhausted");
  const auto wait = std::stoi(last.details.at("retry_after"));
  BOOST_TEST(wait > 0);
  BOOST_TEST(wait <= 60);
  tls_client http{port(), {.protocols = {"http/1.1"}, .from = "127.0.0.9"}};
  const auto answer = http.ask_http("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  BOOST_TEST(answer.starts_with("HTTP/1.1 429 "), answer);
  BOOST_TEST((answer.find("\r\nRetry-After: ") != std::string::npos), answer);
  BOOST_CHECK(refusal("127.0.0.10").code == errc::unauthenticated);
}

BOOST_AUTO_TEST_CASE(hostile_bytes_end_their_connection_and_no_other_and_the_log_has_one_line) {
  listen();
  tls_client good{port()};
  BOOST_REQUIRE(good.greet());
  std::mt19937 random{24};
  const std::string huge_hello{"\x16\x03\x01\x00\x04\x01\x02\x01\x40", 9}; // of 131,392 bytes
  for (int i = 0; i < 100; ++i) {
    std::string garbage(300, '\0');
    for (char& byte : garbage)
      byte = static_cast<char>(random() & 0xffU);
    const std::vector<std::string> each{garbage, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
                                        std::string{"\0\0\0\x08\x93hello", 10}, huge_hello};
    const auto& bytes = each[static_cast<std::size_t>(i) % each.size()];
    raw_client bad{port()};
    bad.send(bytes);
    if (bytes[0] == '\x16' && bytes != huge_hello) // it may look like the beginning of a record
      continue;
    BOOST_REQUIRE_MESSAGE(bad.sees_the_end(), i);
    raw_client{port()}.disconnect();
  }
  tls_client huge_frame{port()};
  BOOST_REQUIRE(huge_frame.send(std::string{"\xff\xff\xff\xff", 4}));
  BOOST_TEST(huge_frame.sees_the_end());
  BOOST_TEST(answers(good, 2));
  BOOST_REQUIRE(eventually([&] { return !log().empty(); }));
  BOOST_TEST(log().size() == 1U);
  BOOST_TEST((log()[0].find("before") != std::string::npos), log()[0]);
}

BOOST_AUTO_TEST_SUITE_END()
