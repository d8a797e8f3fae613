#include "gateway/transport/hello_gate.hpp"

#include "lifecycle/limits.hpp"

namespace pawl::gateway {

namespace {

constexpr unsigned char change_cipher_spec = 20;
constexpr unsigned char alert = 21;
constexpr unsigned char handshake = 22;
constexpr unsigned char application_data = 23;

} // namespace

bool hello_gate::admits(std::span<const unsigned char> bytes) {
  for (const auto byte : bytes) {
    if (refused_ || encrypted_)
      break;
    if (rest_of_record_ == 0) {
      take_record_header(byte);
      continue;
    }
    --rest_of_record_;
    if (record_[0] == handshake)
      take_handshake(byte);
  }
  return !refused_;
}

void hello_gate::take_record_header(unsigned char byte) {
  record_[record_seen_++] = byte;
  if (record_seen_ < record_header_bytes)
    return;
  record_seen_ = 0;
  rest_of_record_ = static_cast<std::size_t>(record_[3]) << 8U | record_[4];
  // In TLS 1.3 a client sends it after its first hello, for the sake of middleboxes, and another
  // hello may follow. In TLS 1.2 its key exchange comes before it, and the rest is encrypted.
  if (record_[0] == change_cipher_spec)
    encrypted_ = messages_ > 1;
  // Early data that the server does not take comes before a second hello: it is passed over.
  else if (record_[0] != handshake && record_[0] != alert && record_[0] != application_data)
    encrypted_ = true; // no TLS at all, which OpenSSL finds
}

void hello_gate::take_handshake(unsigned char byte) {
  if (rest_of_message_ > 0) {
    --rest_of_message_;
    return;
  }
  message_[message_seen_++] = byte;
  if (message_seen_ < message_header_bytes)
    return;
  message_seen_ = 0;
  ++messages_;
  rest_of_message_ = static_cast<std::size_t>(message_[1]) << 16U |
                     static_cast<std::size_t>(message_[2]) << 8U | message_[3];
  refused_ = rest_of_message_ > limits::client_hello_bytes;
}

} // namespace pawl::gateway
