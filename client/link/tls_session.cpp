#include "client/link/tls_session.hpp"

#include "client/link/server_check.hpp"
#include "client/link/sockets.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <new>
#include <string_view>

namespace pawl::client {

namespace {

constexpr std::string_view protocol_name = "pawl/1";
constexpr std::string_view offered = "\x06pawl/1"; // as ALPN takes it, after its length

struct tls_free {
  void operator()(SSL* x) const { ::SSL_free(x); }
};

error openssl_unusable() {
  ::ERR_clear_error();
  return {errc::internal,
          "TLS cannot be set up: OpenSSL refuses its settings; look at openssl.cnf",
          {}};
}

// The latest reason in OpenSSL's queue, which is empty afterwards.
unsigned long take_reason() {
  const auto reason = ::ERR_peek_last_error();
  ::ERR_clear_error();
  return reason;
}

std::string text_of(unsigned long reason) {
  const auto* text = reason == 0 ? nullptr : ::ERR_reason_error_string(reason);
  return text == nullptr ? "no reason given" : text;
}

using shared_context = std::shared_ptr<SSL_CTX>;

shared_context make_context(bool with_authorities) {
  shared_context context{::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free};
  const bool good =
      context && ::SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
      ::SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
      ::SSL_CTX_set_alpn_protos(context.get(),
                                reinterpret_cast<const unsigned char*>(offered.data()),
                                static_cast<unsigned>(offered.size())) == 0 &&
      (!with_authorities || ::SSL_CTX_set_default_verify_paths(context.get()) == 1);
  if (!good)
    return nullptr;
  ::SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  server_check::let_decide(context.get());
  return context;
}

// A context takes 0.2 ms to make, so links to servers of known keys share one. The authorities may
// change, and are read for each link. Null if OpenSSL cannot be used.
shared_context context_for(const known_server& server) {
  static const auto without_authorities = make_context(false);
  return server.fingerprint ? without_authorities : make_context(true);
}

// Adds the bytes that OpenSSL writes to a vector. BIO_s_mem() would grow by copies, and clear all
// of its memory after each message.
class vector_bio {
public:
  // Null without memory. The vector is the one that write_to() gave last.
  BIO* make() {
    static BIO_METHOD* const method = make_method(); // as long as the process
    auto* made = method == nullptr ? nullptr : ::BIO_new(method);
    if (made != nullptr) {
      ::BIO_set_data(made, this);
      ::BIO_set_init(made, 1);
    }
    return made;
  }

  void write_to(std::vector<char>& to) { to_ = &to; }

private:
  static BIO_METHOD* make_method() {
    auto* made = ::BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "vector");
    if (made != nullptr) {
      ::BIO_meth_set_write(made, &vector_bio::write);
      ::BIO_meth_set_ctrl(made, &vector_bio::control);
    }
    return made;
  }

  static int write(BIO* bio, const char* from, int size) {
    auto& to = *static_cast<vector_bio*>(::BIO_get_data(bio))->to_;
    try {
      to.insert(to.end(), from, from + size);
    } catch (const std::bad_alloc&) { // no exception passes through OpenSSL
      return -1;
    }
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  std::vector<char>* to_ = nullptr;
};

class openssl_session final : public tls_session {
public:
  explicit openssl_session(const known_server& server)
      : place_(to_string(server.address)), details_(details_of(server.address)),
        check_(server.address, server.fingerprint) {}

  result<void> set_up(const shared_context& context) {
    session_.reset(context ? ::SSL_new(context.get()) : nullptr); // it holds its context
    auto* in = ::BIO_new(::BIO_s_mem());
    auto* out = out_.make();
    if (!session_ || in == nullptr || out == nullptr) {
      ::BIO_free(in);
      ::BIO_free(out);
      return openssl_unusable();
    }
    ::SSL_set_bio(session_.get(), in, out); // owns both
    in_ = in;
    ::SSL_set_connect_state(session_.get());
    check_.set_up(session_.get());
    return {};
  }

  result<bool> shake_hands(std::span<const char> received, std::vector<char>& to_send) override {
    if (!std::exchange(answered_, answered_ || !received.empty()) && !received.empty())
      if (auto plain = refuse_plain_text(received))
        return *std::move(plain);
    begin(received, to_send);
    const int done = ::SSL_do_handshake(session_.get());
    const int state = ::SSL_get_error(session_.get(), done);
    if (done == 1)
      return check_protocol();
    if (state == SSL_ERROR_WANT_READ || state == SSL_ERROR_WANT_WRITE)
      return false;
    const auto reason = take_reason();
    return check_.refusal() ? *check_.refusal() : failed_handshake(reason);
  }

  result<void> open(std::span<const char> received, std::vector<char>& opened,
                    std::vector<char>& to_send) override {
    constexpr std::size_t record = 16 * 1024;
    begin(received, to_send);
    std::size_t got = 0;
    int done = 1;
    while (done == 1) {
      const auto before = opened.size();
      opened.resize(before + record);
      done = ::SSL_read_ex(session_.get(), opened.data() + before, record, &got);
      opened.resize(before + (done == 1 ? got : 0));
    }
    const int state = ::SSL_get_error(session_.get(), done);
    if (state == SSL_ERROR_WANT_READ || state == SSL_ERROR_WANT_WRITE)
      return {};
    if (state == SSL_ERROR_ZERO_RETURN)
      return lost("the server closed the connection; see its log, or try again");
    return lost(fmt::format("the server ended the TLS connection: {}; see its log, or try again",
                            text_of(take_reason())));
  }

  result<void> seal(std::span<const char> message, std::vector<char>& to_send) override {
    constexpr std::size_t record_bytes = 16 * 1024; // of TLS, at most
    constexpr std::size_t record_overhead = 64;     // its header and tag, and some
    begin({}, to_send);
    to_send.reserve(to_send.size() + message.size() +
                    (message.size() / record_bytes + 1) * record_overhead);
    std::size_t written = 0;
    const int done = ::SSL_write_ex(session_.get(), message.data(), message.size(), &written);
    if (done == 1)
      return {};
    return lost(fmt::format("the TLS connection is broken: {}; try again", text_of(take_reason())));
  }

private:
  // Before each call of OpenSSL, whose queue of errors is the thread's.
  void begin(std::span<const char> received, std::vector<char>& to_send) {
    ::ERR_clear_error();
    out_.write_to(to_send);
    if (!received.empty())
      ::BIO_write(in_, received.data(), static_cast<int>(received.size()));
  }

  error lost(std::string why) const { return {errc::unavailable, std::move(why), details_}; }

  // TLS begins with a record of a handshake or an alert.
  std::optional<error> refuse_plain_text(std::span<const char> received) const {
    constexpr char alert_record = 0x15;
    constexpr char handshake_record = 0x16;
    constexpr std::size_t shown = 60;
    if (received.front() == alert_record || received.front() == handshake_record)
      return std::nullopt;
    std::string_view text{received.data(), std::min(received.size(), shown)};
    return lost(fmt::format("the program at {} does not speak TLS: it answers \"{}\"; use the port "
                            "of tls in [listen] of the server's pawld.toml",
                            place_, printable(text.substr(0, text.find_first_of("\r\n")))));
  }

  result<bool> check_protocol() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    ::SSL_get0_alpn_selected(session_.get(), &chosen, &size);
    if (std::string_view{reinterpret_cast<const char*>(chosen), size} == protocol_name)
      return true;
    return not_pawld();
  }

  error not_pawld() const {
    return lost(fmt::format("the program at {} speaks TLS, but is not pawld: it does not know the "
                            "protocol {}; use the port of tls in [listen] of the server's "
                            "pawld.toml",
                            place_, protocol_name));
  }

  error failed_handshake(unsigned long reason) const {
    switch (ERR_GET_REASON(reason)) {
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
      return not_pawld();
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
      return lost(fmt::format("the server at {} has no version or cipher of TLS that pawl accepts "
                              "({}): TLS 1.2 with AES-GCM or ChaCha20 is the least; upgrade it",
                              place_, text_of(reason)));
    default:
      return lost(fmt::format("the TLS handshake with the server at {} failed: {}; see its log",
                              place_, text_of(reason)));
    }
  }

  std::string place_;
  std::map<std::string, std::string> details_;
  server_check check_; // these two outlive the session
  vector_bio out_;
  std::unique_ptr<SSL, tls_free> session_;
  BIO* in_ = nullptr; // of the session: what came from the socket
  bool answered_ = false;
};

} // namespace

result<std::unique_ptr<tls_session>> tls_session::make(const known_server& server) {
  auto made = std::make_unique<openssl_session>(server);
  if (auto good = made->set_up(context_for(server)); !good)
    return std::move(good).error();
  return std::unique_ptr<tls_session>{std::move(made)};
}

} // namespace pawl::client
