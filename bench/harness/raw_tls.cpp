#include "bench/harness/raw_tls.hpp"

#include "posix/descriptor.hpp"
#include "test/support/certificates.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace pawl::bench {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};
using context_owner = std::unique_ptr<SSL_CTX, freed_by<&SSL_CTX_free>>;
using ssl_owner = std::unique_ptr<SSL, freed_by<&SSL_free>>;
using bio_owner = std::unique_ptr<BIO, freed_by<&BIO_free_all>>;

constexpr std::size_t piece_bytes = 256 * std::size_t{1024};

void need(bool good, const char* what) {
  if (!good)
    throw std::runtime_error(std::string{"raw TLS: "} + what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

descriptor connect_to(std::uint16_t port) {
  descriptor made{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto server = loopback(port);
  const int now = 1;
  ::setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
  if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0)
    return {};
  return made;
}

context_owner client_context() {
  context_owner made{SSL_CTX_new(TLS_client_method())};
  need(made != nullptr, "no memory");
  return made;
}

context_owner server_context() {
  context_owner made{SSL_CTX_new(TLS_server_method())};
  need(made != nullptr, "no memory");
  const test::certificate_authority authority;
  const auto own = authority.issue(test::server_plan());
  const bio_owner certificate{BIO_new_mem_buf(own.certificate.data(), -1)};
  const bio_owner key{BIO_new_mem_buf(own.key.data(), -1)};
  const std::unique_ptr<X509, freed_by<&X509_free>> shown{
      PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr)};
  const std::unique_ptr<EVP_PKEY, freed_by<&EVP_PKEY_free>> signs{
      PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr)};
  need(SSL_CTX_use_certificate(made.get(), shown.get()) == 1 &&
           SSL_CTX_use_PrivateKey(made.get(), signs.get()) == 1,
       "the certificate cannot be used");
  SSL_CTX_set_num_tickets(made.get(), 0); // as pawld
  return made;
}

// The connection after its handshake; empty if that fails.
ssl_owner shake(SSL_CTX* context, int socket, int (*how)(SSL*)) {
  ssl_owner made{SSL_new(context)};
  if (!made || SSL_set_fd(made.get(), socket) != 1 || how(made.get()) != 1)
    return nullptr;
  return made;
}

} // namespace

struct raw_tls::parts {
  descriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;
  context_owner context = server_context();
  context_owner own = client_context();
  std::jthread thread;

  // Reads what comes, and says when it was all.
  void serve_one() {
    const descriptor socket{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!socket)
      return;
    const auto ssl = shake(context.get(), socket.get(), &SSL_accept);
    if (!ssl)
      return;
    std::vector<char> buffer(piece_bytes);
    while (SSL_read(ssl.get(), buffer.data(), static_cast<int>(buffer.size())) > 0) {
    }
    SSL_write(ssl.get(), "k", 1);
  }
};

raw_tls::raw_tls() : parts_(std::make_unique<parts>()) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL's socket writes by write()
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const int socket = parts_->listener.get();
  need(::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
           ::listen(socket, 16) == 0 &&
           ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0,
       "no port");
  parts_->port = ntohs(address.sin_port);
  parts_->thread = std::jthread{[this](const std::stop_token& stop) {
    while (!stop.stop_requested())
      parts_->serve_one();
  }};
}

raw_tls::~raw_tls() {
  parts_->thread.request_stop();
  ::shutdown(parts_->listener.get(), SHUT_RDWR); // wakes accept4()
}

double raw_tls::seconds_to_send(std::size_t bytes) {
  const std::vector<char> piece(piece_bytes, 'x');
  const auto begin = std::chrono::steady_clock::now();
  const auto socket = connect_to(parts_->port);
  const auto ssl = shake(parts_->own.get(), socket.get(), &SSL_connect);
  need(ssl != nullptr, "no handshake");
  while (bytes > 0) {
    const auto next = std::min(bytes, piece.size());
    need(SSL_write(ssl.get(), piece.data(), static_cast<int>(next)) > 0, "it cannot be written");
    bytes -= next;
  }
  SSL_shutdown(ssl.get());
  char said = 0;
  need(SSL_read(ssl.get(), &said, 1) == 1, "the other side does not answer");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

bool shake_hands_and_leave(std::uint16_t port) {
  thread_local const auto context = client_context();
  const auto socket = connect_to(port);
  return socket && shake(context.get(), socket.get(), &SSL_connect) != nullptr;
}

} // namespace pawl::bench
