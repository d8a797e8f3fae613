// A TLS server of a test's own: it accepts one connection at a time, and follows a script.
#pragma once

#include "posix/descriptor.hpp"
#include "protocol/messages.hpp"
#include "test/support/certificates.hpp"

#include <functional>
#include <optional>
#include <string>
#include <thread>

struct ssl_st;

namespace pawl::test {

// The fingerprint of the certificate's key.
std::string fingerprint_in(const certified_key& whose);

// The server's end of one connection. Every function gives up after a while.
class tls_peer {
public:
  explicit tls_peer(int socket) : socket_(socket) {}
  ~tls_peer();
  tls_peer(const tls_peer&) = delete;
  tls_peer& operator=(const tls_peer&) = delete;

  // Before the handshake, or instead of one.
  bool send_plain(std::string_view bytes);
  std::string receive_plain();
  void wait_for_end(); // until the client hangs up

  struct settings {
    std::string protocol = "pawl/1"; // of ALPN; empty: it knows none
    int highest_version = 0;         // of TLS; 0: the highest that there is
  };
  bool shake_hands(const certified_key& own, const settings& how);
  bool shake_hands(const certified_key& own) { return shake_hands(own, settings{}); }

  bool send(std::string_view bytes);
  bool send(std::uint64_t ref, protocol::message body);
  std::optional<protocol::envelope> receive();
  // Takes a hello, answers it, and gives its token.
  std::optional<std::string> greet();

private:
  bool read(char* to, std::size_t size);

  int socket_;
  ssl_st* connection_ = nullptr;
};

class tls_server {
public:
  using script = std::function<void(tls_peer&)>;

  // Listens at a free port of 127.0.0.1, and plays the script for `times` connections, one after
  // another.
  explicit tls_server(script play, int times = 1);
  ~tls_server(); // waits for the end of the script

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

private:
  descriptor listening_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

// A port of 127.0.0.1 at which nobody listens, as long as the object lives.
class closed_port {
public:
  closed_port();
  std::uint16_t number() const { return number_; }

private:
  descriptor bound_;
  std::uint16_t number_ = 0;
};

} // namespace pawl::test
