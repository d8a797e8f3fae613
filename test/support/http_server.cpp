#include "test/support/http_server.hpp"

#include "posix/port_lease.hpp"
#include "test/support/eventually.hpp"

#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <mutex>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace pawl::test {

namespace {

constexpr int look_ms = 20; // how often a waiting connection looks whether the app stops

struct listening {
  descriptor socket;
  std::uint16_t port;
};

listening listen_somewhere() {
  descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* where = reinterpret_cast<sockaddr*>(&address);
  if (!socket || ::bind(socket.get(), where, size) != 0 || ::listen(socket.get(), 1024) != 0 ||
      ::getsockname(socket.get(), where, &size) != 0)
    throw std::runtime_error("no port could be listened on");
  return {std::move(socket), ntohs(address.sin_port)};
}

bool send_all(int fd, const std::string& bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

} // namespace

std::uint16_t free_port() {
  constexpr port_range tests{10'000, 19'999}; // apps of the servers under test take those above
  auto found = lease_port(tests);
  if (!found)
    throw std::runtime_error(found.error().message);
  static std::mutex guards;
  static std::vector<port_lease> held;
  std::lock_guard lock{guards};
  return held.emplace_back(*std::move(found)).port();
}

http_server::http_server(std::string name) : name_(std::move(name)) {
  auto found = listen_somewhere();
  listener_ = std::move(found.socket);
  port_ = found.port;
  acceptor_ = std::jthread([this] { accept_connections(); });
}

http_server::~http_server() {
  release_slow();
  stop();
}

std::string http_server::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

void http_server::release_slow() {
  const std::lock_guard lock(mutex_);
  slow_released_ = true;
  changed_.notify_all();
}

bool http_server::wait_for_slow(std::size_t requests) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return slow_waiting_ >= requests; });
}

void http_server::stop() {
  stopping_ = true;
  if (acceptor_.joinable())
    acceptor_.join();
  connections_.clear();
  listener_.reset();
}

void http_server::accept_connections() {
  while (!stopping_) {
    pollfd wanted{listener_.get(), POLLIN, 0};
    if (::poll(&wanted, 1, look_ms) != 1)
      continue;
    descriptor accepted{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (!accepted)
      continue;
    const int on = 1;
    ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::erase_if(connections_, [](const connection& one) { return one.over->load(); });
    auto over = std::make_unique<std::atomic<bool>>(false);
    auto& told = *over;
    connections_.push_back({std::move(over), std::jthread([this, &told, of = std::move(accepted)] {
                              serve(of.get());
                              told = true;
                            })});
  }
}

void http_server::serve(int fd) {
  std::string received;
  std::array<char, 4096> piece{};
  bool tunnel = false;
  for (;;) {
    pollfd wanted{fd, POLLIN, 0};
    if (::poll(&wanted, 1, look_ms) == 0) {
      if (stopping_)
        break;
      continue;
    }
    const auto got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got <= 0)
      break;
    received.append(piece.data(), static_cast<std::size_t>(got));
    if (tunnel) {
      send_all(fd, received);
      received.clear();
      continue;
    }
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos)
      continue;
    const auto head = received.substr(0, end + 2);
    received.erase(0, end + 4);
    tunnel = head.find("pgrade: websocket") != std::string::npos;
    if (!answer(fd, head))
      break;
  }
}

bool http_server::answer(int fd, const std::string& head) {
  if (head.find("pgrade: websocket") != std::string::npos)
    return send_all(
        fd, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  ++requests_;
  if (head.starts_with("GET /drop "))
    return false;
  if (head.starts_with("GET /slow ")) {
    std::unique_lock lock(mutex_);
    ++slow_waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return slow_released_; });
  }
  const auto& body = head.starts_with("GET /head ") ? head : name_;
  const bool last = stopping_ || head.find("onnection: close\r\n") != std::string::npos;
  return send_all(fd, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n{}", body.size(),
                                  last ? "Connection: close\r\n" : "", body)) &&
         !last;
}

} // namespace pawl::test
