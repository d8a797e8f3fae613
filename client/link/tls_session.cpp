#include "client/link/tls_session.hpp"

#include "client/link/server_check.hpp"
#include "client/link/sockets.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <string_view>

namespace pawl::client {

namespace {

constexpr std::string_view protocol_name = "pawl/1";
constexpr std::string_view offered = "\x06pawl/1"; // as ALPN takes it, after its length

struct tls_free {
  void operator()(SSL_CTX* x) const { ::SSL_CTX_free(x); }
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

std::unique_ptr<SSL_CTX, tls_free> make_context(bool with_authorities) {
  std::unique_ptr<SSL_CTX, tls_free> context{::SSL_CTX_new(::TLS_client_method())};
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
  return context;
}

class openssl_session final : public tls_session {
public:
  explicit openssl_session(const known_server& server)
      : place_(to_string(server.address)), details_(details_of(server.address)),
        check_(server.address, server.fingerprint) {}

  result<void> set_up(bool with_authorities) {
    context_ = make_context(with_authorities);
    session_.reset(context_ ? ::SSL_new(context_.get()) : nullptr);
    auto* in = ::BIO_new(::BIO_s_mem());
    auto* out = ::BIO_new(::BIO_s_mem());
    if (!session_ || in == nullptr || out == nullptr) {
      ::BIO_free(in);
      ::BIO_free(out);
      return openssl_unusable();
    }
    ::SSL_set_bio(session_.get(), in, out); // owns both
    in_ = in;
    out_ = out;
    ::SSL_set_connect_state(session_.get());
    check_.set_up(context_.get(), session_.get());
    return {};
  }

  result<bool> shake_hands(std::span<const char> received, std::vector<char>& to_send) override {
    if (!std::exchange(answered_, answered_ || !received.empty()) && !received.empty())
      if (auto plain = refuse_plain_text(received))
        return *std::move(plain);
    ::ERR_clear_error();
    give(received);
    const int done = ::SSL_do_handshake(session_.get());
    const int state = ::SSL_get_error(session_.get(), done);
    take_output(to_send);
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
    ::ERR_clear_error();
    give(received);
    std::size_t got = 0;
    int done = 1;
    while (done == 1) {
      const auto before = opened.size();
      opened.resize(before + record);
      done = ::SSL_read_ex(session_.get(), opened.data() + before, record, &got);
      opened.resize(before + (done == 1 ? got : 0));
    }
    const int state = ::SSL_get_error(session_.get(), done);
    take_output(to_send);
    if (state == SSL_ERROR_WANT_READ || state == SSL_ERROR_WANT_WRITE)
      return {};
    if (state == SSL_ERROR_ZERO_RETURN)
      return lost("the server closed the connection; see its log, or try again");
    return lost(fmt::format("the server ended the TLS connection: {}; see its log, or try again",
                            text_of(take_reason())));
  }

  result<void> seal(std::span<const char> message, std::vector<char>& to_send) override {
    ::ERR_clear_error();
    std::size_t written = 0;
    const int done = ::SSL_write_ex(session_.get(), message.data(), message.size(), &written);
    take_output(to_send);
    if (done == 1)
      return {};
    return lost(fmt::format("the TLS connection is broken: {}; try again", text_of(take_reason())));
  }

private:
  void give(std::span<const char> received) {
    if (!received.empty())
      ::BIO_write(in_, received.data(), static_cast<int>(received.size()));
  }

  void take_output(std::vector<char>& to_send) {
    char* begin = nullptr;
    const auto size = ::BIO_get_mem_data(out_, &begin);
    to_send.insert(to_send.end(), begin, begin + size);
    static_cast<void>(BIO_reset(out_));
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
  server_check check_; // outlives the session
  std::unique_ptr<SSL_CTX, tls_free> context_;
  std::unique_ptr<SSL, tls_free> session_;
  BIO* in_ = nullptr;  // of the session: what came from the socket
  BIO* out_ = nullptr; // what goes to it
  bool answered_ = false;
};

} // namespace

result<std::unique_ptr<tls_session>> tls_session::make(const known_server& server) {
  auto made = std::make_unique<openssl_session>(server);
  if (auto good = made->set_up(!server.fingerprint); !good)
    return std::move(good).error();
  return std::unique_ptr<tls_session>{std::move(made)};
}

} // namespace pawl::client
