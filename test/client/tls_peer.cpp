#include "test/client/tls_peer.hpp"

#include "posix/tls_identity.hpp"
#include "protocol/msgpack/codec.hpp"
#include "test/support/eventually.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>

namespace pawl::test {

namespace {

using bio_pointer = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

bio_pointer memory_of(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free_all};
}

int choose_protocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered_list, unsigned offered_size, void* wanted) {
  const auto& name = *static_cast<const std::string*>(wanted);
  std::string list{static_cast<char>(name.size())};
  list += name;
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(list.data()),
                            static_cast<unsigned>(list.size()), offered_list,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = offered_list + (found - reinterpret_cast<unsigned char*>(list.data()));
  return SSL_TLSEXT_ERR_OK;
}

std::pair<descriptor, std::uint16_t> bind_free_port() {
  descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!socket || ::bind(socket.get(), generic, size) != 0 ||
      ::getsockname(socket.get(), generic, &size) != 0)
    throw std::runtime_error("no free port");
  return {std::move(socket), ntohs(address.sin_port)};
}

} // namespace

std::string fingerprint_in(const certified_key& whose) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      PEM_read_bio_X509(memory_of(whose.certificate).get(), nullptr, nullptr, nullptr), &X509_free};
  if (!certificate)
    throw std::runtime_error("no certificate");
  return fingerprint_of(*certificate);
}

tls_peer::~tls_peer() {
  ERR_clear_error();
  SSL_free(connection_);
}

bool tls_peer::send_plain(std::string_view bytes) {
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

std::string tls_peer::receive_plain() {
  std::array<char, 4096> buffer{};
  const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

void tls_peer::wait_for_end() {
  while (!receive_plain().empty()) {
  }
}

bool tls_peer::shake_hands(const certified_key& own, const settings& how) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()),
                                                                  &SSL_CTX_free};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      PEM_read_bio_X509(memory_of(own.certificate).get(), nullptr, nullptr, nullptr), &X509_free};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      PEM_read_bio_PrivateKey(memory_of(own.key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
  SSL_CTX_use_certificate(context.get(), certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), key.get());
  if (how.highest_version != 0) {
    SSL_CTX_set_security_level(context.get(), 0); // OpenSSL has the old versions below it only
    SSL_CTX_set_max_proto_version(context.get(), how.highest_version);
  }
  if (!how.protocol.empty())
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol,
                               const_cast<std::string*>(&how.protocol));
  connection_ = SSL_new(context.get());
  SSL_set_fd(connection_, socket_);
  ERR_clear_error();
  return SSL_accept(connection_) == 1;
}

bool tls_peer::send(std::string_view bytes) {
  ERR_clear_error();
  std::size_t written = 0;
  return SSL_write_ex(connection_, bytes.data(), bytes.size(), &written) == 1;
}

bool tls_peer::send(std::uint64_t ref, protocol::message body) {
  auto frame = protocol::encode({ref, std::move(body)});
  return frame && send(std::string_view{frame->data(), frame->size()});
}

bool tls_peer::read(char* to, std::size_t size) {
  for (std::size_t got = 0; size > 0; to += got, size -= got) {
    ERR_clear_error();
    if (SSL_read_ex(connection_, to, size, &got) != 1)
      return false;
  }
  return true;
}

std::optional<protocol::envelope> tls_peer::receive() {
  std::array<char, 4> header{};
  if (!read(header.data(), header.size()))
    return std::nullopt;
  auto length = protocol::body_length(header);
  if (!length)
    return std::nullopt;
  std::vector<char> body(*length);
  if (!read(body.data(), body.size()))
    return std::nullopt;
  auto decoded = protocol::decode(body);
  return decoded ? std::optional{*std::move(decoded)} : std::nullopt;
}

std::optional<std::string> tls_peer::greet() {
  auto first = receive();
  send(0, protocol::hello{protocol::version, "pawld 0", {}});
  const auto* hello = first ? std::get_if<protocol::hello>(&first->body) : nullptr;
  return hello == nullptr ? std::nullopt : std::optional{std::string{hello->token.reveal()}};
}

tls_server::tls_server(script play, int times) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to clients that have gone
  std::tie(listening_, port_) = bind_free_port();
  ::listen(listening_.get(), SOMAXCONN);
  thread_ = std::thread{[this, times, play = std::move(play)] {
    for (int i = 0; i < times; ++i) {
      const descriptor accepted{::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (!accepted)
        return; // the test has ended before
      const timeval wait{static_cast<time_t>(patience.count()), 0};
      ::setsockopt(accepted.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
      tls_peer peer{accepted.get()};
      play(peer);
    }
  }};
}

tls_server::~tls_server() {
  ::shutdown(listening_.get(), SHUT_RDWR); // ends a wait for connections
  thread_.join();
}

closed_port::closed_port() {
  std::tie(bound_, number_) = bind_free_port(); // bound, and not listening
}

} // namespace pawl::test
