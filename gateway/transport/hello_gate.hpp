// A bound for what a client announces in the part of a TLS handshake that is not encrypted.
//
// OpenSSL takes memory for a whole message when its header has come: for 128 KiB of a ClientHello,
// from anybody who connects, before one of those bytes was sent. No client needs a twentieth of it.
// Pure: bytes in, a verdict out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pawl::gateway {

class hello_gate {
public:
  // Takes what came next, in pieces of any size. False as soon as a message is announced that has
  // more than limits::client_hello_bytes; and from then on.
  bool admits(std::span<const unsigned char> bytes);

private:
  void take_record_header(unsigned char byte);
  void take_handshake(unsigned char byte);

  static constexpr std::size_t record_header_bytes = 5;  // type, version, length
  static constexpr std::size_t message_header_bytes = 4; // type, length

  std::array<unsigned char, record_header_bytes> record_{};
  std::array<unsigned char, message_header_bytes> message_{};
  std::size_t record_seen_ = 0;
  std::size_t message_seen_ = 0;
  std::size_t rest_of_record_ = 0;
  std::size_t rest_of_message_ = 0;
  std::size_t messages_ = 0;
  bool encrypted_ = false; // nothing more can be read here
  bool refused_ = false;
};

} // namespace pawl::gateway
