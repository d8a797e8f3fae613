// Other proxies for switching traffic: each in front of one backend, switched to another one as its
// documentation recommends.
#pragma once

#include "bench/harness/peer_store.hpp"

#include <cstdint>

namespace pawl::bench {

class proxy_peer {
public:
  // A kind of peer: its program, and how it is told of another backend (a port of loopback).
  struct kind {
    std::string name;
    std::string program; // its path
    std::vector<std::string> (*command)(const std::filesystem::path& directory);
    void (*configure)(const std::filesystem::path& directory, std::uint16_t port,
                      std::uint16_t backend);
    void (*tell)(const std::filesystem::path& directory, const test::program& running,
                 std::uint16_t backend);
  };

  // Starts it, and waits until it answers from that backend. Throws std::runtime_error.
  proxy_peer(const workplace& place, const kind& what, std::uint16_t backend);

  std::uint16_t port() const { return port_; }
  // Until new requests are answered from that backend, whose answers begin with `greeting`; in
  // milliseconds. Throws std::runtime_error if that does not come to be.
  double switch_to(std::uint16_t backend, const std::string& greeting);

private:
  const kind& what_;
  std::filesystem::path directory_;
  std::uint16_t port_;
  std::unique_ptr<test::program, ended_politely> running_;
};

// nginx and its reload, Caddy and its admin API.
const std::vector<proxy_peer::kind>& proxy_kinds();

} // namespace pawl::bench
