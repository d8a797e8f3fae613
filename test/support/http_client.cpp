#include "test/support/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace pawl::test {

namespace {

using clock = std::chrono::steady_clock;
constexpr auto tunnel_timeout = std::chrono::seconds{30};

// The value of a header, in lower case; empty if it is not there.
std::string header(const std::string& head, const std::string& name) {
  std::string lower = head;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto at = lower.find("\r\n" + name + ":");
  if (at == std::string::npos)
    return {};
  const auto begin = lower.find_first_not_of(' ', at + name.size() + 3);
  return lower.substr(begin, lower.find("\r\n", begin) - begin);
}

} // namespace

http_url http_url::parse(const std::string& text) {
  const std::string scheme = "http://";
  if (!text.starts_with(scheme))
    throw std::invalid_argument(text + " is not an http:// URL");
  const auto slash = text.find('/', scheme.size());
  const auto authority = text.substr(scheme.size(), slash - scheme.size());
  http_url url;
  url.ip = authority.substr(0, authority.find(':'));
  if (const auto colon = authority.find(':'); colon != std::string::npos)
    url.port = static_cast<std::uint16_t>(std::stoul(authority.substr(colon + 1)));
  if (slash != std::string::npos)
    url.path = text.substr(slash);
  return url;
}

void http_client::close() {
  socket_.reset();
  received_.clear();
}

bool http_client::open() {
  if (socket_)
    return true;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  if (::inet_pton(AF_INET, ip_.c_str(), &address.sin_addr) != 1)
    return false;
  socket_ = descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool http_client::send(const std::string& bytes) const {
  return ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool http_client::receive_more(clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
  pollfd wanted{socket_.get(), POLLIN, 0};
  if (left <= 0 || ::poll(&wanted, 1, static_cast<int>(left)) != 1)
    return false;
  std::array<char, 16 * 1024> piece{};
  const auto got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
  if (got <= 0)
    return false;
  received_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<http_response> http_client::receive(clock::time_point until) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos)
    if (!receive_more(until))
      return std::nullopt;
  http_response response;
  response.headers = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  if (response.headers.size() < 12)
    return std::nullopt;
  response.status = std::atoi(response.headers.c_str() + 9);
  if (response.status == 101)
    return response;
  // Without a length the end of the connection would be the end of the body, and a cut one would
  // look whole: our apps and HAProxy's own answers have one.
  const auto length = header(response.headers, "content-length");
  if (length.empty())
    return std::nullopt;
  const std::size_t bytes = std::stoul(length);
  while (received_.size() < bytes)
    if (!receive_more(until))
      return std::nullopt;
  response.body = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return response;
}

std::optional<http_response> http_client::get(const std::string& host, const std::string& path,
                                              std::chrono::milliseconds timeout) {
  const auto until = clock::now() + timeout;
  std::optional<http_response> response;
  if (open() && send(fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\n{}\r\n", path, host, further_)))
    response = receive(until);
  if (!response || header(response->headers, "connection") == "close" ||
      response->headers.starts_with("HTTP/1.0"))
    close();
  return response;
}

bool http_client::upgrade(const std::string& host, const std::string& path) {
  if (!open() ||
      !send(fmt::format(
          "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\n"
          "Upgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          path, host)))
    return false;
  const auto response = receive(clock::now() + tunnel_timeout);
  return response && response->status == 101;
}

std::optional<std::string> http_client::echo(const std::string& text) {
  const auto until = clock::now() + tunnel_timeout;
  if (!socket_ || !send(text))
    return std::nullopt;
  while (received_.size() < text.size())
    if (!receive_more(until))
      return std::nullopt;
  auto back = received_.substr(0, text.size());
  received_.erase(0, text.size());
  return back;
}

} // namespace pawl::test
