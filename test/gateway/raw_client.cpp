#include "test/gateway/raw_client.hpp"

#include "test/support/eventually.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace pawl::test {

namespace {

constexpr timeval socket_patience{patience.count(), 0};

descriptor new_socket(int family) {
  descriptor made{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!made)
    throw std::runtime_error("no socket");
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &socket_patience, sizeof socket_patience);
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &socket_patience, sizeof socket_patience);
  return made;
}

sockaddr_in internet_address(const char* address, std::uint16_t port) {
  sockaddr_in found{};
  found.sin_family = AF_INET;
  found.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &found.sin_addr);
  return found;
}

} // namespace

raw_client::raw_client() : socket_(new_socket(AF_UNIX)) {}

raw_client::raw_client(std::uint16_t port, const char* from) : socket_(new_socket(AF_INET)) {
  const auto own = internet_address(from, 0);
  const auto server = internet_address("127.0.0.1", port);
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0 ||
      ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0)
    throw std::runtime_error(std::string{"cannot connect: "} + std::strerror(errno));
}

raw_client::raw_client(const std::filesystem::path& socket) : raw_client() {
  if (!connect(socket))
    throw std::runtime_error(std::string{"cannot connect: "} + std::strerror(errno));
}

bool raw_client::connect(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  return ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void raw_client::disconnect() {
  socket_.reset();
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto sent = put(bytes.data(), bytes.size());
    if (sent <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool raw_client::send(const protocol::message& body, std::uint64_t ref) {
  auto frame = protocol::encode({ref, body});
  return frame && send(std::string_view{frame->data(), frame->size()});
}

std::optional<protocol::hello> raw_client::greet(const std::string& token) {
  if (!send(protocol::hello{protocol::version, "raw 0", secret{token}}, 0))
    return std::nullopt;
  auto answer = receive();
  if (!answer || !std::holds_alternative<protocol::hello>(answer->body))
    return std::nullopt;
  return std::get<protocol::hello>(answer->body);
}

bool raw_client::read_exactly(char* to, std::size_t size) {
  while (size > 0) {
    auto count = get(to, size);
    if (count <= 0)
      return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

std::optional<protocol::envelope> raw_client::receive() {
  std::array<char, 4> header{};
  if (!read_exactly(header.data(), header.size()))
    return std::nullopt;
  auto length = protocol::body_length(header);
  if (!length)
    return std::nullopt;
  std::vector<char> body(*length);
  if (!read_exactly(body.data(), body.size()))
    return std::nullopt;
  auto decoded = protocol::decode(body);
  return decoded ? std::optional{*std::move(decoded)} : std::nullopt;
}

std::optional<protocol::message> raw_client::answer_to(const protocol::message& body,
                                                       std::uint64_t ref) {
  if (!send(body, ref))
    return std::nullopt;
  for (;;) {
    auto got = receive();
    if (!got)
      return std::nullopt;
    if (got->ref == ref)
      return std::move(got->body);
  }
}

bool raw_client::sees_the_end() {
  std::array<char, 4096> dropped{};
  for (;;) {
    auto count = get(dropped.data(), dropped.size());
    if (count == 0)
      return true;
    if (count < 0)
      return errno == ECONNRESET;
  }
}

std::string raw_client::read_to_the_end() {
  std::string all;
  std::array<char, 4096> piece{};
  for (ssize_t count = 0; (count = get(piece.data(), piece.size())) > 0;)
    all.append(piece.data(), static_cast<std::size_t>(count));
  return all;
}

ssize_t raw_client::put(const char* from, std::size_t size) {
  return ::send(socket_.get(), from, size, MSG_NOSIGNAL);
}

ssize_t raw_client::get(char* to, std::size_t size) {
  return ::recv(socket_.get(), to, size, 0);
}

bool raw_client::hears_nothing_for(std::chrono::milliseconds time) {
  pollfd waiting{socket_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, static_cast<int>(time.count())) == 0;
}

} // namespace pawl::test
