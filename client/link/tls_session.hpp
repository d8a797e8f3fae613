// TLS as a client speaks it, between the bytes of a socket and those of the messages. Does no input
// and no output of its own. One thread at a time.
#pragma once

#include "client/link/server_address.hpp"

#include <memory>
#include <span>
#include <vector>

namespace pawl::client {

class tls_session {
public:
  // For a connection to this server, whose certificate is checked in the handshake. TLS 1.2 with
  // AEAD ciphers at least. internal if OpenSSL cannot be used.
  static result<std::unique_ptr<tls_session>> make(const known_server& server);

  virtual ~tls_session() = default;

  // Goes on with the handshake: takes bytes from the socket (none to begin), and adds those that
  // are to be sent, which may be an alert where it fails. True when it is complete. unauthenticated
  // if the server is not the one that is meant; unavailable if it does not speak TLS, or not with
  // us.
  virtual result<bool> shake_hands(std::span<const char> received, std::vector<char>& to_send) = 0;

  // Takes bytes from the socket after the handshake; adds the bytes of messages to `opened`, and
  // sometimes bytes to be sent. unavailable when the server has ended the connection or broken it.
  virtual result<void> open(std::span<const char> received, std::vector<char>& opened,
                            std::vector<char>& to_send) = 0;

  // Adds to `to_send` the bytes of a message as the socket is to carry them.
  virtual result<void> seal(std::span<const char> message, std::vector<char>& to_send) = 0;
};

} // namespace pawl::client
