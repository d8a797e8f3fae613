#include "test/support/https_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace pawl::test {

namespace {

constexpr int end_look_ms = 20; // whether the server is to end

void https_must(bool done) {
  if (!done)
    throw std::runtime_error("the HTTPS server of the test cannot be set up");
}

bool is_readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, end_look_ms) == 1;
}

template <class Object, class Read>
Object* from_pem(const std::string& text, Read read) {
  auto* memory = ::BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  auto* object = read(memory, nullptr, nullptr, nullptr);
  ::BIO_free(memory);
  https_must(object != nullptr);
  return object;
}

} // namespace

struct https_server::tls {
  SSL_CTX* context = ::SSL_CTX_new(::TLS_server_method());

  explicit tls(const certified_key& identity) {
    auto* certificate = from_pem<X509>(identity.certificate, ::PEM_read_bio_X509);
    auto* key = from_pem<EVP_PKEY>(identity.key, ::PEM_read_bio_PrivateKey);
    https_must(::SSL_CTX_use_certificate(context, certificate) == 1 &&
               ::SSL_CTX_use_PrivateKey(context, key) == 1);
    ::X509_free(certificate);
    ::EVP_PKEY_free(key);
  }
  tls(const tls&) = delete;
  tls& operator=(const tls&) = delete;
  ~tls() { ::SSL_CTX_free(context); }
};

https_server::https_server(const certified_key& identity)
    : tls_(std::make_unique<tls>(identity)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes to clients that have gone
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  https_must(::bind(listener_.get(), any, size) == 0 && ::listen(listener_.get(), 16) == 0 &&
             ::getsockname(listener_.get(), any, &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread{[this](const std::stop_token& stop) { accept_connections(stop); }};
}

https_server::~https_server() = default;

std::string https_server::url() const {
  return fmt::format("https://localhost:{}", port_);
}

void https_server::put(const std::string& path, std::string answer) {
  const std::lock_guard lock{mutex_};
  answers_[path] = std::move(answer);
}

void https_server::put_document(const std::string& path, const std::string& body) {
  put(path, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                        body.size(), body));
}

void https_server::accept_connections(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!is_readable(listener_.get()))
      continue;
    const descriptor client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (client.get() >= 0)
      serve(client.get(), stop);
  }
}

// A client that ends in the middle ends its connection; the others go on.
void https_server::serve(int fd, const std::stop_token& stop) {
  if (silent_) {
    while (!stop.stop_requested() && silent_)
      is_readable(fd);
    return;
  }
  const timeval longest{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
  auto* session = ::SSL_new(tls_->context);
  ::SSL_set_fd(session, fd);
  if (::SSL_accept(session) == 1) {
    std::string head;
    std::array<char, 1024> bytes{};
    for (int got = 1; got > 0 && head.find("\r\n\r\n") == std::string::npos;) {
      got = ::SSL_read(session, bytes.data(), static_cast<int>(bytes.size()));
      if (got > 0)
        head.append(bytes.data(), static_cast<std::size_t>(got));
    }
    if (head.find("\r\n\r\n") != std::string::npos) {
      const auto answer = answer_to(head);
      ::SSL_write(session, answer.data(), static_cast<int>(answer.size()));
    }
    ::SSL_shutdown(session);
  }
  ::SSL_free(session);
}

std::string https_server::answer_to(const std::string& head) {
  ++requests_;
  const auto begin = head.find(' ');
  const auto path = begin == std::string::npos
                        ? std::string{}
                        : head.substr(begin + 1, head.find(' ', begin + 1) - begin - 1);
  const std::lock_guard lock{mutex_};
  const auto found = answers_.find(path);
  return found == answers_.end()
             ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
             : found->second;
}

} // namespace pawl::test
