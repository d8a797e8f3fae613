#include "test/end_to_end/hostile_peers.hpp"

#include <fmt/format.h>

namespace pawl::test {

namespace {

constexpr std::size_t storm_connections = 30; // connections of one attack
constexpr std::size_t silent_at_a_time = 64;  // at a time
constexpr auto between_attacks = std::chrono::milliseconds{200};

const std::string huge_length(4, '\xff');
constexpr const char* plain_request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

} // namespace

void hostile_peers::attack_once() {
  break_tls();
  break_protocols_in_tls();
  mistake_the_place();
  for (std::size_t i = 0; i < storm_connections; ++i)
    raw_client{where_.tls, next_address().c_str()}.disconnect();
}

std::string hostile_peers::next_address() {
  constexpr unsigned numbers = 250;
  ++addresses_;
  return fmt::format("127.0.{}.{}", 1 + addresses_ / numbers % numbers, 1 + addresses_ % numbers);
}

void hostile_peers::must_end(const std::string& kind, raw_client&& peer, std::string_view bytes) {
  peer.send(bytes);
  if (!peer.sees_the_end())
    served_.push_back(kind);
}

void hostile_peers::break_tls() {
  const auto stranger = [&] { return raw_client{where_.tls, next_address().c_str()}; };
  std::string garbage(300, '\0');
  for (char& byte : garbage)
    byte = static_cast<char>(random_() & 0xffU);
  garbage[0] = '\x7f'; // else it may be the beginning of a record
  must_end("garbage", stranger(), garbage);
  must_end("plain HTTP", stranger(), plain_request);
  must_end("a plain frame", stranger(), {"\0\0\0\x08\x93hello00", 12});
  must_end("a huge hello", stranger(), {"\x16\x03\x01\x00\x04\x01\x02\x01\x40", 9});
  must_end("a huge record", stranger(), {"\x16\x03\x01\xff\xff\x01", 6});
  auto leaves = stranger(); // and the server has signed for it
  leaves.send(hello_);
  leaves.disconnect();
  silent_.push_back(stranger());
  silent_.back().send(std::string_view{hello_}.substr(0, hello_.size() / 2));
  if (silent_.size() > silent_at_a_time)
    silent_.pop_front();
}

void hostile_peers::break_protocols_in_tls() {
  const auto from = next_address();
  tls_client frames{where_.tls, {.from = from.c_str()}};
  frames.send(huge_length);
  if (!frames.sees_the_end())
    served_.emplace_back("a frame of a huge length");
  tls_client http{where_.tls, {.protocols = {"http/1.1"}, .from = from.c_str()}};
  const auto answer = http.ask_http("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n");
  if (!answer.starts_with("HTTP/1.1 431 "))
    served_.push_back("a long header: " + answer);
  tls_client older{where_.tls, {.most = "TLSv1.2", .from = from.c_str()}};
  if (!older.is_open() || older.renegotiates())
    served_.emplace_back("renegotiation");
}

void hostile_peers::mistake_the_place() {
  must_end("TLS on the socket", raw_client{where_.socket}, hello_);
  must_end("frames on the router's port", raw_client{where_.router}, huge_length + huge_length);
  if (tls_client{where_.router}.is_open())
    served_.emplace_back("TLS on the router's port");
}

repeated_attack::repeated_attack(const places_to_attack& where)
    : peers_(where), thread_([this](const std::stop_token& stop) { go_on(stop); }) {}

void repeated_attack::go_on(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      peers_.attack_once();
    } catch (const std::exception& problem) {
      problems_.emplace_back(problem.what());
      return;
    }
    std::unique_lock lock{mutex_};
    ++rounds_;
    paced_.wait_for(lock, stop, between_attacks, [] { return false; });
  }
}

std::size_t repeated_attack::rounds() const {
  const std::lock_guard lock{mutex_};
  return rounds_;
}

std::vector<std::string> repeated_attack::finish() {
  thread_.request_stop();
  thread_.join();
  auto all = peers_.served();
  all.insert(all.end(), problems_.begin(), problems_.end());
  return all;
}

} // namespace pawl::test
