#include "gateway/transport/tls_transport.hpp"

#include "lifecycle/limits.hpp"

#include <algorithm>
#include <limits>
#include <sys/socket.h>
#include <utility>

namespace pawl::gateway {

using caf::io::network::rw_state;

namespace {

constexpr std::size_t common_name_bytes = 64; // X.520
constexpr std::size_t record_bytes = 16 * limits::kib;
constexpr std::size_t read_ahead_bytes = 3 * record_bytes; // two records and a part

static_assert(limits::hello_frame_bytes <= record_bytes && limits::http_read_bytes <= record_bytes,
              "a stranger has nothing read ahead");

// The latest common name of the subject, if it is a text that may stand in records: without control
// characters, of which a zero would make it look like another one.
std::optional<std::string> common_name_of(X509* certificate) {
  auto* subject = X509_get_subject_name(certificate);
  int place = -1;
  for (int next = 0; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, place)) >= 0;)
    place = next;
  if (place < 0)
    return std::nullopt;
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
  if (size < 0)
    return std::nullopt;
  std::string name{reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
  OPENSSL_free(text);
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
  });
  if (name.empty() || name.size() > common_name_bytes || !plain)
    return std::nullopt;
  return name;
}

} // namespace

std::shared_ptr<tls_transport> tls_transport::make(int descriptor,
                                                   const tls_credentials& credentials) {
  std::shared_ptr<tls_transport> made{new tls_transport};
  made->end_.descriptor = descriptor;
  made->ssl_.reset(SSL_new(credentials.context.get()));
  auto bio = make_socket_bio(made->end_);
  if (!made->ssl_ || !bio)
    return nullptr;
  auto* both = bio.release();
  SSL_set_bio(made->ssl_.get(), both, both);
  SSL_set_accept_state(made->ssl_.get());
  return made;
}

// The queue of errors is the thread's, and so that of all connections: one that is not empty makes
// SSL_get_error() see an error of another connection here. Each call below empties it before.
rw_state tls_transport::open() {
  if (over_)
    return rw_state::failure;
  ERR_clear_error();
  const int returned = SSL_do_handshake(ssl_.get());
  count_what_came();
  if (returned != 1)
    return judge(returned, direction::reading);
  if (!read_client())
    return fail("the common name of its certificate is missing, or has control characters");
  end_.gated = false;
  open_ = true;
  return rw_state::success;
}

rw_state tls_transport::read_some(std::size_t& done, void* to, std::size_t size) {
  done = 0;
  if (over_)
    return rw_state::failure;
  // A long frame is taken from the socket by several records at a time, not by half of one. Only a
  // client that has authenticated may send one: a stranger costs no buffer for it.
  if (size > record_bytes && SSL_get_read_ahead(ssl_.get()) == 0) {
    SSL_set_default_read_buffer_len(ssl_.get(), read_ahead_bytes);
    SSL_set_read_ahead(ssl_.get(), 1);
  }
  ERR_clear_error();
  const int returned = SSL_read_ex(ssl_.get(), to, size, &done);
  count_what_came();
  return returned == 1 ? rw_state::success : judge(returned, direction::reading);
}

// After a WANT_WRITE OpenSSL holds a record that is encrypted already: the next call has to begin
// with the same bytes, and does, since they stay in CAF's buffer.
rw_state tls_transport::write_some(std::size_t& done, const void* from, std::size_t size) {
  done = 0;
  if (over_ || !open_) // nobody writes before it is open; waiting for it would never end
    return rw_state::failure;
  if (size == 0)
    return rw_state::indeterminate;
  ERR_clear_error();
  const int returned = SSL_write_ex(ssl_.get(), from, size, &done);
  return returned == 1 ? rw_state::success : judge(returned, direction::writing);
}

std::size_t tls_transport::send_now(std::span<const char> one, std::span<const char> other) {
  const auto gone = send_one(one);
  return gone < one.size() ? gone : gone + send_one(other);
}

std::size_t tls_transport::send_one(std::span<const char> bytes) {
  std::size_t gone = 0;
  while (gone < bytes.size()) {
    std::size_t done = 0;
    if (write_some(done, bytes.data() + gone, bytes.size() - gone) != rw_state::success ||
        done == 0)
      break;
    gone += done;
  }
  return gone;
}

bool tls_transport::has_read_ahead() const {
  return !over_ && SSL_has_pending(ssl_.get()) == 1;
}

void tls_transport::end_sending() {
  say_last_word();
  if (!over_)
    ::shutdown(end_.descriptor, SHUT_WR);
}

// The close_notify tells the client that nothing was cut off. It is tried once: a peer that does
// not read gets none.
void tls_transport::say_last_word() {
  if (over_ || !open_ || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0)
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void tls_transport::close() {
  say_last_word();
  over_ = true;
  end_.descriptor = -1;
}

std::string tls_transport::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

// A handshake or a read that has to write first is that of a peer which does not read our flight of
// some 4 KiB, or asks for new keys again and again: its socket stays readable, so the loop would
// turn for nothing until its time is over.
rw_state tls_transport::judge(int returned, direction which) {
  switch (SSL_get_error(ssl_.get(), returned)) {
  case SSL_ERROR_WANT_READ:
    if (which == direction::reading)
      return rw_state::success;
    return fail("it wanted to renegotiate");
  case SSL_ERROR_WANT_WRITE:
    if (which == direction::writing)
      return rw_state::success;
    return fail("it does not read");
  case SSL_ERROR_ZERO_RETURN: // its close_notify: there is no half of a connection here
    return rw_state::failure;
  default:
    if (end_.refused)
      return fail("a message of its handshake is too long");
    return fail(ERR_peek_last_error() == 0 ? "it went away" : openssl_reason());
  }
}

// OpenSSL forbids SSL_shutdown() after an error.
rw_state tls_transport::fail(std::string problem) {
  over_ = true;
  problem_ = std::move(problem);
  return rw_state::failure;
}

bool tls_transport::read_client() {
  const certificate_pointer shown{SSL_get1_peer_certificate(ssl_.get())};
  if (!shown)
    return true;
  auto name = common_name_of(shown.get());
  client_name_ = std::move(name).value_or("");
  client_expiry_ = time_of(X509_get0_notAfter(shown.get()));
  return !client_name_.empty();
}

void tls_transport::count_what_came() {
  count_received(end_.received - received_bytes());
}

} // namespace pawl::gateway
