#include "gateway/remote/tls_listener.hpp"

#include "test/gateway/tls_fixture.hpp"
#include "test/support/eventually.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <caf/send.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <thread>

namespace {

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

bool still_echoes(raw_client& client, std::uint64_t ref) {
  if (!client.send(protocol::show_request{"abc"}, ref))
    return false;
  auto answer = client.receive();
  return answer && answer->ref == ref;
}

bool begins_with(const std::string& text, std::string_view what) {
  return text.starts_with(what);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(tls_listening, tls_fixture)

BOOST_AUTO_TEST_CASE(frames_go_over_tls_1_3_and_the_peer_is_its_address) {
  listen();
  tls_client client{port()};
  BOOST_REQUIRE_MESSAGE(client.is_open(), client.problem());
  BOOST_TEST(client.version() == "TLSv1.3");
  BOOST_TEST(client.protocol() == "pawl/1");
  BOOST_TEST(client.fingerprint() == credentials().fingerprint);
  BOOST_REQUIRE(client.greet());
  BOOST_TEST(still_echoes(client, 2));
  BOOST_TEST(record.peers().at(0).address.value() == "127.0.0.1");
  BOOST_TEST(record.peers().at(0).name == "");
}

BOOST_AUTO_TEST_CASE(there_is_no_session_before_the_handshake_is_over) {
  listen();
  raw_client silent{port()};
  tls_client client{port()};
  BOOST_REQUIRE(client.greet());
  BOOST_TEST(record.peers().size() == 1U);
}

BOOST_AUTO_TEST_CASE(tls_1_2_takes_aead_and_nothing_older_or_weaker_is_taken) {
  listen();
  tls_client old{port(), {.most = "TLSv1.2"}};
  BOOST_REQUIRE_MESSAGE(old.is_open(), old.problem());
  BOOST_TEST(old.version() == "TLSv1.2");
  BOOST_CHECK_MESSAGE(old.cipher().find("GCM") != std::string::npos, old.cipher());
  BOOST_REQUIRE(old.greet());
  BOOST_TEST(still_echoes(old, 2));
  BOOST_TEST(!old.renegotiates());
  BOOST_TEST(!tls_client(port(), {.least = "TLSv1.1", .most = "TLSv1.1"}).is_open());
  BOOST_TEST(
      !tls_client(port(), {.most = "TLSv1.2", .ciphers = "ECDHE-ECDSA-AES128-SHA256"}).is_open());
  tls_client good{port()};
  BOOST_TEST(good.greet().has_value());
}

BOOST_AUTO_TEST_CASE(alpn_chooses_between_frames_and_http) {
  listen();
  tls_client both{port(), {.protocols = {"http/1.1", "pawl/1"}}};
  BOOST_TEST(both.protocol() == "pawl/1");
  BOOST_TEST(both.greet().has_value());
  tls_client none{port(), {.protocols = {}}};
  BOOST_TEST(begins_with(none.ask_http("GET /healthz HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\n"));
  tls_client http{port(), {.protocols = {"h2", "http/1.1"}}};
  BOOST_TEST(http.protocol() == "http/1.1");
  BOOST_TEST(
      begins_with(http.ask_http("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                  "HTTP/1.1 200 OK\r\n"));
  tls_client other{port(), {.protocols = {"h2"}}};
  BOOST_TEST(!other.is_open());
  BOOST_TEST(other.problem() == "tlsv1 alert no application protocol");
}

// A socket that is closed with bytes unread is reset, and what it was sent is lost with it.
BOOST_AUTO_TEST_CASE(who_sends_a_body_that_nobody_reads_gets_the_whole_answer) {
  listen();
  const std::string body(limits::mib, 'x');
  const auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const auto chunked = "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + body + "\r\n0\r\n\r\n";
  for (const auto* version : {"TLSv1.2", "TLSv1.3"})
    for (const auto* path : {"/healthz", "/unknown"})
      for (const auto& rest : {length, chunked, "Host: y\r\n\r\n" + body}) {
        tls_client http{port(), {.protocols = {"http/1.1"}, .most = version}};
        const auto head = std::string{"POST "} + path + " HTTP/1.1\r\nHost: x\r\n";
        BOOST_TEST(http.send(head + rest), head);
        const auto answer = http.read_to_the_end();
        BOOST_TEST(begins_with(answer, "HTTP/1.1 4"), head << " was answered with " << answer);
        BOOST_TEST(answer.ends_with("\n"), answer);
      }
}

BOOST_AUTO_TEST_CASE(who_sends_a_body_without_an_end_is_cut_off) {
  listen();
  tls_client http{port(), {.protocols = {"http/1.1"}}};
  BOOST_REQUIRE(http.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const std::string piece(64 * limits::kib, 'x');
  std::size_t sent = 0;
  while (sent < 16 * limits::http_dropped_bytes && http.send(piece))
    sent += piece.size();
  BOOST_TEST(sent < 16 * limits::http_dropped_bytes);
}

BOOST_AUTO_TEST_CASE(a_certificate_that_our_authority_signed_names_the_peer) {
  listen(echo_sessions, gateway::settings_for_strangers(), true);
  tls_client alice{port(), {.certificate = authority.issue({.common_name = "alice"})}};
  BOOST_REQUIRE(alice.greet());
  BOOST_TEST(record.peers().at(0).name == "alice");
  tls_client nobody{port()};
  BOOST_REQUIRE(nobody.greet());
  BOOST_TEST(record.peers().at(1).name == "");
}

BOOST_AUTO_TEST_CASE(a_certificate_that_is_not_good_ends_the_handshake) {
  listen(echo_sessions, gateway::settings_for_strangers(), true);
  const certificate_authority foreign{"another authority"};
  const std::vector<certified_key> bad{
      foreign.issue({.common_name = "alice"}),
      authority.issue({.common_name = "alice", .valid_until = -1min}),
      authority.issue({.common_name = std::string{"alice\n.example", 14}}),
  };
  for (const auto& one : bad) {
    tls_client client{port(), {.certificate = one}};
    BOOST_TEST(!client.greet().has_value());
  }
  BOOST_TEST(record.peers().empty());
}

BOOST_AUTO_TEST_CASE(without_an_authority_a_certificate_of_a_client_says_nothing) {
  listen();
  tls_client alice{port(), {.certificate = authority.issue({.common_name = "alice"})}};
  BOOST_REQUIRE(alice.greet());
  BOOST_TEST(record.peers().at(0).name == "");
}

// OpenSSL takes several records from the socket, which then has no event for the frames that were
// left in them when reading was halted: in the middle of a record, and at its end.
BOOST_AUTO_TEST_CASE(frames_read_ahead_are_all_taken_although_reading_halts_between_them) {
  listen(holding_sessions);
  tls_client client{port()};
  BOOST_REQUIRE(client.greet());
  const int held_together = 1;
  BOOST_REQUIRE(::setsockopt(client.descriptor(), SOL_TCP, TCP_CORK, &held_together,
                             sizeof held_together) == 0);
  constexpr auto once = limits::frames_in_work;
  std::size_t count = 0;
  for (const auto frames : {once, once, once, 3 * once, 3 * once}) {
    std::string one_record;
    for (std::size_t i = 0; i < frames; ++i) {
      const auto bytes = *protocol::encode({++count, protocol::show_request{"abc"}});
      one_record.append(bytes.data(), bytes.size());
    }
    BOOST_REQUIRE(client.send(one_record));
  }
  const int sent_now = 0;
  ::setsockopt(client.descriptor(), SOL_TCP, TCP_CORK, &sent_now, sizeof sent_now);
  for (auto taken = once; taken < count; taken += once) {
    BOOST_REQUIRE(record.wait_for_frames(taken));
    caf::anon_send(record.session(0), release{});
  }
  BOOST_TEST(record.wait_for_frames(count));
}

BOOST_AUTO_TEST_CASE(large_frames_go_both_ways_while_many_are_under_way) {
  listen();
  tls_client client{port()};
  BOOST_REQUIRE(client.greet());
  const protocol::upload_chunk chunk{"abc", 0, std::vector<char>(limits::chunk_bytes, 'x')};
  for (std::uint64_t ref = 1; ref <= 20; ++ref) {
    BOOST_REQUIRE(client.send(chunk, ref));
    auto answer = client.receive();
    BOOST_REQUIRE(answer);
    BOOST_REQUIRE(std::get<protocol::upload_chunk>(answer->body).bytes == chunk.bytes);
  }
  // More than the socket takes: the rest waits, a part of it encrypted already.
  BOOST_REQUIRE(client.send(protocol::show_request{"sha7ed"}, 1));
  BOOST_REQUIRE(record.wait_for_frames(22));
  for (std::uint64_t ref = 1; ref <= 40; ++ref) {
    auto frame = client.receive();
    BOOST_REQUIRE(frame);
    BOOST_REQUIRE_EQUAL(frame->ref, ref);
  }
  BOOST_TEST(still_echoes(client, 41));
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_cut_off) {
  listen();
  tls_client good{port()};
  BOOST_REQUIRE(good.greet());
  tls_client stalled{port()};
  BOOST_REQUIRE(stalled.greet());
  BOOST_REQUIRE(stalled.send(protocol::show_request{"f100d"}, 2)); // 64 MiB
  BOOST_TEST(record.wait_for_ended(1));
  BOOST_TEST(still_echoes(good, 2));
}

BOOST_AUTO_TEST_CASE(words_written_before_the_end_arrive_and_the_end_is_announced) {
  listen(hasty_sessions);
  tls_client client{port()};
  BOOST_REQUIRE(client.send(protocol::hello{}, 0));
  for (std::uint64_t i = 0; i < 300; ++i) {
    auto frame = client.receive();
    BOOST_REQUIRE(frame);
    BOOST_REQUIRE_EQUAL(frame->ref, i);
  }
  BOOST_TEST(client.sees_the_end());
  BOOST_TEST(client.problem() == ""); // close_notify, not a connection that was cut
}

BOOST_AUTO_TEST_CASE(closing_ends_connections_and_handshakes) {
  listen();
  tls_client client{port()};
  BOOST_REQUIRE(client.greet());
  raw_client silent{port()};
  tls_client http{port(), {.protocols = {"http/1.1"}}};
  BOOST_REQUIRE(http.is_open());
  listener->close();
  BOOST_TEST(client.sees_the_end());
  BOOST_TEST(silent.sees_the_end());
  BOOST_TEST(http.sees_the_end());
}

BOOST_AUTO_TEST_CASE(a_port_in_use_is_named_with_the_remedy) {
  listen();
  auto second = gateway::listen_tls(system(), listener->endpoint(), credentials(),
                                    echo_sessions(system(), record));
  BOOST_REQUIRE(!second);
  BOOST_TEST(to_string(second.error().code) == "unavailable");
  BOOST_TEST(second.error().message ==
             "cannot listen on " + listener->endpoint() +
                 ": another process listens there: end it (ss -ltnp shows which), or choose "
                 "another port in [listen] tls");
}

BOOST_AUTO_TEST_CASE(new_credentials_are_for_new_connections_and_none_is_dropped) {
  listen();
  const auto first = credentials().fingerprint;
  std::vector<tls_client> open;
  for (int i = 0; i < 20; ++i) {
    open.emplace_back(port());
    BOOST_REQUIRE(open.back().greet());
  }
  std::uint64_t ref = 1;
  for (int round = 0; round < 5; ++round) {
    renew_certificate();
    const auto renewed = credentials();
    BOOST_TEST(renewed.fingerprint != first);
    listener->use(renewed);
    BOOST_TEST(eventually([&] { return tls_client{port()}.fingerprint() == renewed.fingerprint; }));
    ++ref;
    for (auto& client : open) {
      BOOST_REQUIRE(still_echoes(client, ref));
      BOOST_TEST(client.fingerprint() == first);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
