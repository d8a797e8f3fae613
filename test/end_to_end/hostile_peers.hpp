// Peers that break the rules of TLS, of frames and of HTTP, from many addresses of 127.0.0.0/8.
#pragma once

#include "test/gateway/tls_client.hpp"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace pawl::test {

// The places of one server.
struct places_to_attack {
  std::uint16_t tls = 0;
  std::uint16_t router = 0;
  std::filesystem::path socket;
};

class hostile_peers {
public:
  explicit hostile_peers(places_to_attack where) : where_(std::move(where)) {}

  // One peer of each kind, and a storm of connections. Each has to be cut off.
  void attack_once();

  // Peers that were served, or were not cut off, by their kind.
  const std::vector<std::string>& served() const { return served_; }

private:
  std::string next_address();
  void must_end(const std::string& kind, raw_client&& peer, std::string_view bytes);
  void break_tls();
  void break_protocols_in_tls();
  void mistake_the_place();

  places_to_attack where_;
  std::mt19937 random_{20260101};
  unsigned addresses_ = 0;
  std::string hello_ = whole_client_hello();
  std::deque<raw_client> silent_; // which have begun a handshake
  std::vector<std::string> served_;
};

// They attack again and again, at a bounded rate, until finish().
class repeated_attack {
public:
  explicit repeated_attack(const places_to_attack& where);

  // How often each of the peers has attacked.
  std::size_t rounds() const;
  // Peers that were served, and why it ended early.
  std::vector<std::string> finish();

private:
  void go_on(const std::stop_token& stop);

  hostile_peers peers_;
  std::vector<std::string> problems_;
  mutable std::mutex mutex_;
  std::condition_variable_any paced_;
  std::size_t rounds_ = 0;
  std::jthread thread_; // last: it uses the others
};

} // namespace pawl::test
