// The link over TLS: which server is believed, what an error says, and that nothing is sent to
// another server.

#include "client/link/server_link.hpp"
#include "test/client/tls_peer.hpp"
#include "test/support/eventually.hpp"
#include "test/support/program.hpp"
#include "test/support/temporary_directory.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/ssl.h>

#include <atomic>
#include <cstdlib>

namespace {

using namespace pawl;
using namespace pawl::client;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds tls_patience = pawl::test::patience;
constexpr auto day = std::chrono::seconds{24h};
const std::string token = "pawl_the-token-of-this-test";

// This machine trusts one authority, the test's own.
struct trusted_authority {
  trusted_authority() {
    test::write_text(place.path() / "ca.pem", authority.certificate());
    ::setenv("SSL_CERT_FILE", (place.path() / "ca.pem").c_str(), 1);
  }
  ~trusted_authority() { ::unsetenv("SSL_CERT_FILE"); }
  trusted_authority(const trusted_authority&) = delete;
  trusted_authority& operator=(const trusted_authority&) = delete;

  test::temporary_directory place;
  test::certificate_authority authority;
};

known_server at(const test::tls_server& server, std::optional<std::string> fingerprint = {}) {
  return {*parse_address(server.address()), std::move(fingerprint), secret{token}};
}

std::unique_ptr<server_link> connected(const known_server& server) {
  auto made = server_link::connect(server, tls_patience);
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  return *std::move(made);
}

// Why the client does not talk to a server with this certificate. The server must not have heard
// anything after the handshake, and so not the token.
error refusal_of(const test::certified_key& own, std::optional<std::string> fingerprint = {},
                 std::chrono::milliseconds timeout = tls_patience) {
  std::atomic<bool> heard{false};
  std::optional<test::tls_server> server;
  server.emplace([&](test::tls_peer& peer) {
    if (peer.shake_hands(own))
      heard = peer.receive().has_value();
  });
  auto made = server_link::connect(at(*server, std::move(fingerprint)), timeout);
  BOOST_REQUIRE(!made);
  server.reset();
  BOOST_TEST(!heard);
  return made.error();
}

error refusal_by(test::tls_server::script play, std::chrono::milliseconds timeout = tls_patience) {
  test::tls_server server{std::move(play)};
  auto made = server_link::connect(at(server, "sha256:" + std::string(64, '0')), timeout);
  BOOST_REQUIRE(!made);
  return made.error();
}

void check_says(const error& why, errc code, const std::vector<std::string>& parts) {
  BOOST_TEST(to_string(why.code) == to_string(code));
  for (const auto& part : parts)
    BOOST_TEST(why.message.find(part) != std::string::npos, part << " is not in: " << why.message);
  BOOST_TEST(why.message.find(token) == std::string::npos);
}

} // namespace

BOOST_AUTO_TEST_SUITE(tls_links)

BOOST_AUTO_TEST_CASE(a_server_with_the_right_key_is_told_the_token_and_answers) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  std::optional<std::string> heard;
  {
    test::tls_server server{[&](test::tls_peer& peer) {
      peer.shake_hands(own);
      heard = peer.greet();
      auto request = peer.receive();
      peer.send(request ? request->ref : 0, protocol::app_list{});
      peer.receive();
    }};
    auto link = connected(at(server, test::fingerprint_in(own)));
    BOOST_REQUIRE(link->send(protocol::apps_request{}));
    auto answer = link->receive(tls_patience);
    BOOST_REQUIRE(answer);
    BOOST_TEST(answer->ref == 1U);
    BOOST_TEST(std::holds_alternative<protocol::app_list>(answer->body));
  }
  BOOST_TEST(heard.value_or("nothing") == token);
}

BOOST_FIXTURE_TEST_CASE(a_trusted_authority_and_the_right_name_do_without_a_fingerprint,
                        trusted_authority) {
  const auto own = authority.issue(test::server_plan());
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    test::tls_server server{[&](test::tls_peer& peer) {
      peer.shake_hands(own);
      peer.greet();
      peer.receive();
    }};
    auto where = at(server);
    where.address.host = host;
    connected(where);
  }
}

BOOST_AUTO_TEST_CASE(the_right_key_is_enough_whatever_the_certificate_says) {
  const test::certificate_authority authority;
  const auto own = authority.issue({.common_name = "another",
                                    .hosts = {"another.example"},
                                    .valid_from = -2 * day,
                                    .valid_until = -1 * day});
  test::tls_server server{[&](test::tls_peer& peer) {
    peer.shake_hands(own);
    peer.greet();
    peer.receive();
  }};
  connected(at(server, test::fingerprint_in(own)));
}

BOOST_AUTO_TEST_CASE(frames_of_all_sizes_come_whole_however_they_are_cut) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  constexpr std::uint64_t small_frames = 1000;
  test::tls_server server{[&](test::tls_peer& peer) {
    peer.shake_hands(own);
    peer.greet();
    for (std::uint64_t i = 0; i < small_frames; ++i)
      peer.send(i, protocol::app_list{});
    auto large = peer.receive();
    if (large)
      peer.send(large->ref, std::move(large->body));
    peer.receive();
  }};
  auto link = connected(at(server, test::fingerprint_in(own)));
  for (std::uint64_t i = 0; i < small_frames; ++i) {
    auto one = link->receive(tls_patience);
    BOOST_REQUIRE(one);
    BOOST_REQUIRE_EQUAL(one->ref, i);
  }
  protocol::upload_chunk sent{"abc", 0, std::vector<char>(limits::chunk_bytes, 'x')};
  BOOST_REQUIRE(link->send(7, sent));
  auto echoed = link->receive(tls_patience);
  BOOST_REQUIRE(echoed);
  const auto* chunk = std::get_if<protocol::upload_chunk>(&echoed->body);
  BOOST_REQUIRE(chunk != nullptr);
  BOOST_CHECK(chunk->bytes == sent.bytes);
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_up_is_noticed) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  test::tls_server server{[&](test::tls_peer& peer) {
    peer.shake_hands(own);
    peer.greet();
  }};
  auto lost = connected(at(server, test::fingerprint_in(own)))->receive(tls_patience);
  BOOST_REQUIRE(!lost);
  check_says(lost.error(), errc::unavailable, {"closed the connection"});
}

BOOST_AUTO_TEST_CASE(another_key_is_refused_and_both_fingerprints_are_told) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  const auto expected = test::fingerprint_in(authority.issue(test::server_plan()));
  auto why = refusal_of(own, expected);
  check_says(why, errc::unauthenticated, {test::fingerprint_in(own), expected, "127.0.0.1"});
  BOOST_TEST(why.details["expected"] == expected);
  BOOST_TEST(why.details["found"] == test::fingerprint_in(own));
}

BOOST_AUTO_TEST_CASE(an_unknown_authority_is_refused_and_the_fingerprint_is_the_remedy) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  check_says(
      refusal_of(own), errc::unauthenticated,
      {"no authority that this machine trusts", "--fingerprint " + test::fingerprint_in(own)});
}

BOOST_FIXTURE_TEST_CASE(a_certificate_of_other_names_is_refused_and_they_are_told,
                        trusted_authority) {
  const auto own = authority.issue(
      {.common_name = "deploy", .hosts = {"deploy.example.org", "10.1.2.3", "fd00::1"}});
  check_says(refusal_of(own), errc::unauthenticated,
             {"is not for 127.0.0.1", "deploy.example.org, 10.1.2.3, fd00::1", "--fingerprint"});
}

BOOST_FIXTURE_TEST_CASE(an_expired_certificate_is_refused_with_both_dates, trusted_authority) {
  auto plan = test::server_plan();
  plan.valid_from = -3 * day;
  plan.valid_until = -1 * day;
  check_says(refusal_of(authority.issue(plan)), errc::unauthenticated,
             {"expired on 20", "this machine's clock says 20", "have it renewed"});
}

BOOST_FIXTURE_TEST_CASE(a_certificate_of_tomorrow_is_refused_with_both_dates, trusted_authority) {
  auto plan = test::server_plan();
  plan.valid_from = day;
  plan.valid_until = 2 * day;
  check_says(refusal_of(authority.issue(plan)), errc::unauthenticated,
             {"is valid from 20", "this machine's clock says 20", "set the clock"});
}

BOOST_AUTO_TEST_CASE(a_program_that_answers_in_plain_text_is_told_so) {
  auto why = refusal_by([](test::tls_peer& peer) {
    peer.receive_plain();
    peer.send_plain("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_end();
  });
  check_says(why, errc::unavailable, {"does not speak TLS", "\"HTTP/1.1 400 Bad Request\""});
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_up_in_the_handshake_is_told_so) {
  auto why = refusal_by([](test::tls_peer& peer) { peer.receive_plain(); });
  check_says(why, errc::unavailable, {"handshake", "closed the connection"});
}

BOOST_AUTO_TEST_CASE(a_server_that_is_silent_in_the_handshake_is_given_up) {
  check_says(refusal_by([](test::tls_peer& peer) { peer.wait_for_end(); }, 50ms), errc::unavailable,
             {"handshake", "did not answer in time"});
}

BOOST_AUTO_TEST_CASE(a_server_of_tls_that_is_not_pawld_is_told_so) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  for (const std::string protocol : {"", "http/1.1"}) {
    test::tls_server server{
        [&](test::tls_peer& peer) { peer.shake_hands(own, {.protocol = protocol}); }};
    auto made = server_link::connect(at(server, test::fingerprint_in(own)), tls_patience);
    BOOST_REQUIRE(!made);
    check_says(made.error(), errc::unavailable, {"is not pawld", "pawl/1"});
  }
}

BOOST_AUTO_TEST_CASE(a_server_of_an_old_tls_is_refused) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  test::tls_server server{
      [&](test::tls_peer& peer) { peer.shake_hands(own, {.highest_version = TLS1_1_VERSION}); }};
  auto made = server_link::connect(at(server, test::fingerprint_in(own)), tls_patience);
  BOOST_REQUIRE(!made);
  check_says(made.error(), errc::unavailable, {"TLS 1.2"});
}

BOOST_AUTO_TEST_CASE(a_closed_port_and_a_name_without_an_address_are_told) {
  const test::closed_port port;
  auto closed = server_link::connect({{{}, "127.0.0.1", port.number()}}, tls_patience);
  BOOST_REQUIRE(!closed);
  check_says(closed.error(), errc::unavailable, {"nothing listens at this port", "[listen]"});
  auto nameless = server_link::connect({{{}, "no-such-host.invalid", 7420}}, tls_patience);
  BOOST_REQUIRE(!nameless);
  check_says(nameless.error(), errc::unavailable, {"no-such-host.invalid"});
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_is_sent_to_the_server) {
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  std::atomic<bool> heard{false};
  std::optional<test::tls_server> server;
  server.emplace(
      [&](test::tls_peer& peer) { heard = peer.shake_hands(own) && peer.receive().has_value(); });
  auto where = at(*server, test::fingerprint_in(own));
  where.token = {};
  auto made = server_link::connect(where, tls_patience);
  BOOST_REQUIRE(!made);
  check_says(made.error(), errc::unauthenticated, {"pawl login " + server->address()});
  server.reset();
  BOOST_TEST(!heard);
}

BOOST_AUTO_TEST_SUITE_END()
