#include "gateway/transport/hello_gate.hpp"

#include "lifecycle/limits.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

namespace {

using pawl::gateway::hello_gate;
using bytes = std::vector<unsigned char>;

bytes record(unsigned char type, const bytes& body) {
  bytes all{type, 3, 3, static_cast<unsigned char>(body.size() >> 8U),
            static_cast<unsigned char>(body.size())};
  all.insert(all.end(), body.begin(), body.end());
  return all;
}

// The header of a message of a handshake, and so many bytes of it.
bytes message(unsigned char type, std::size_t announced, std::size_t sent) {
  bytes all{type, static_cast<unsigned char>(announced >> 16U),
            static_cast<unsigned char>(announced >> 8U), static_cast<unsigned char>(announced)};
  all.resize(all.size() + sent);
  return all;
}

constexpr unsigned char client_hello = 1;
constexpr unsigned char key_exchange = 16;
constexpr unsigned char handshake_record = 22;
constexpr unsigned char change_record = 20;
constexpr unsigned char data_record = 23;

constexpr std::size_t most = pawl::limits::client_hello_bytes;

} // namespace

BOOST_AUTO_TEST_SUITE(hello_gates)

BOOST_AUTO_TEST_CASE(a_hello_may_have_its_most_bytes_and_not_one_more) {
  BOOST_TEST(hello_gate{}.admits(record(handshake_record, message(client_hello, most, 100))));
  BOOST_TEST(!hello_gate{}.admits(record(handshake_record, message(client_hello, most + 1, 0))));
}

BOOST_AUTO_TEST_CASE(an_announcement_is_seen_in_pieces_and_across_records) {
  hello_gate gate;
  const auto whole = message(client_hello, 131'000, 0);
  for (const auto byte : bytes{whole.begin(), whole.end() - 1})
    for (const auto each : record(handshake_record, {byte}))
      BOOST_REQUIRE(gate.admits(bytes{each}));
  BOOST_TEST(!gate.admits(record(handshake_record, {whole.back()})));
  BOOST_TEST(!gate.admits(bytes{0}));
}

// TLS 1.3: the server asked for another hello, and the client sent a change of ciphers before it.
BOOST_AUTO_TEST_CASE(a_second_hello_is_bounded_too) {
  hello_gate gate;
  BOOST_TEST(gate.admits(record(handshake_record, message(client_hello, 200, 200))));
  BOOST_TEST(gate.admits(record(change_record, {1})));
  BOOST_TEST(!gate.admits(record(handshake_record, message(client_hello, most + 1, 0))));
}

// TLS 1.3: early data that the server passes over, because it asked for another hello.
BOOST_AUTO_TEST_CASE(a_hello_behind_early_data_is_bounded_too) {
  hello_gate gate;
  BOOST_TEST(gate.admits(record(handshake_record, message(client_hello, 200, 200))));
  BOOST_TEST(gate.admits(record(data_record, bytes(32, 0xff))));
  BOOST_TEST(!gate.admits(record(handshake_record, message(client_hello, most + 1, 0))));
}

// TLS 1.2: the bytes are random, and look like any length.
BOOST_AUTO_TEST_CASE(nothing_encrypted_is_taken_for_an_announcement) {
  hello_gate gate;
  BOOST_TEST(gate.admits(record(handshake_record, message(client_hello, 200, 200))));
  BOOST_TEST(gate.admits(record(handshake_record, message(key_exchange, 66, 66))));
  BOOST_TEST(gate.admits(record(change_record, {1})));
  BOOST_TEST(gate.admits(record(handshake_record, bytes(40, 0xff))));
}

BOOST_AUTO_TEST_SUITE_END()
