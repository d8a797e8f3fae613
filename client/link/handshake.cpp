#include "client/link/handshake.hpp"

#include "client/link/sockets.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

namespace pawl::client {

namespace {

class handshake {
public:
  handshake(const known_server& server, const descriptor& socket, deadline until)
      : server_(server.address), socket_(socket), until_(until) {}

  result<void> run(tls_session& session) {
    std::array<char, 16 * 1024> buffer{};
    std::span<const char> received;
    while (true) {
      std::vector<char> to_send;
      auto step = session.shake_hands(received, to_send);
      auto sent = send(to_send);
      if (!step)
        return std::move(step).error();
      if (!sent || *step)
        return sent;
      auto got = receive(buffer);
      if (!got)
        return std::move(got).error();
      received = {buffer.data(), *got};
    }
  }

private:
  error failed(std::string_view why, std::string_view remedy) const {
    return {
        errc::unavailable,
        fmt::format("the TLS handshake with {} failed: {}; {}", to_string(server_), why, remedy),
        details_of(server_)};
  }

  error silent() const {
    return failed("the server did not answer in time",
                  "is it the port of tls in [listen] of a pawld.toml? Otherwise try again");
  }

  error hung_up() const {
    return failed("the server closed the connection",
                  "is it the port of tls in [listen] of a pawld.toml? Otherwise look at the "
                  "server's log: it may have too many connections");
  }

  result<void> send(std::span<const char> bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0)
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
      else if (errno == EAGAIN || errno == EINTR) {
        if (!socket_wait(socket_, POLLOUT, until_))
          return silent();
      } else
        return hung_up();
    }
    return {};
  }

  result<std::size_t> receive(std::span<char> to) const {
    while (true) {
      if (!socket_wait(socket_, POLLIN, until_))
        return silent();
      const auto got = ::recv(socket_.get(), to.data(), to.size(), 0);
      if (got > 0)
        return static_cast<std::size_t>(got);
      if (got == 0 || (errno != EAGAIN && errno != EINTR))
        return hung_up();
    }
  }

  const server_address& server_;
  const descriptor& socket_;
  deadline until_;
};

} // namespace

result<std::unique_ptr<tls_session>> shake_hands(const known_server& server,
                                                 const descriptor& socket, deadline until) {
  auto session = tls_session::make(server);
  if (!session)
    return session;
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return system_error("set up a socket", errno);
  if (auto done = handshake{server, socket, until}.run(**session); !done)
    return std::move(done).error();
  return session;
}

} // namespace pawl::client
