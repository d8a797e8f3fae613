#include "client/link/sockets.hpp"

#include "lifecycle/ip_address.hpp"
#include "posix/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

namespace pawl::client {

namespace {

using namespace std::chrono_literals;

// --- unix sockets

error no_server(const server_address& server, int number) {
  const auto& path = server.unix_path;
  if (number == EACCES || number == EPERM)
    return {
        errc::permission_denied,
        fmt::format("no permission to use the socket {}: run pawl as the user of its pawld", path),
        details_of(server)};
  auto why = number == ENOENT || number == ECONNREFUSED ? std::string{"no pawld listens there"}
                                                        : system_reason(number);
  return {errc::unavailable,
          fmt::format("cannot reach a server on {}: {}; start one with \"pawld --config FILE\", or "
                      "name another with --server",
                      path, why),
          details_of(server)};
}

timeval to_timeval(std::chrono::milliseconds time) {
  timeval converted{};
  converted.tv_sec = static_cast<time_t>(time / 1s);
  converted.tv_usec = static_cast<suseconds_t>((time % 1s) / 1us);
  return converted;
}

result<descriptor> connect_unix(const server_address& server, deadline until) {
  const auto& path = server.unix_path;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return error{errc::invalid_argument,
                 fmt::format("the socket's path \"{}\" has {} bytes, and a socket takes 1 to {}",
                             path, path.size(), sizeof address.sun_path - 1),
                 {}};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!socket)
    return no_server(server, errno);
  // Connecting waits while the server's queue of new connections is full; this bounds it.
  auto patience = to_timeval(std::chrono::milliseconds{std::max(socket_milliseconds(until), 1)});
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return no_server(server, errno);
  return socket;
}

// --- TCP

struct addresses {
  int problem = 0; // of getaddrinfo()
  std::vector<std::pair<sockaddr_storage, socklen_t>> all = {};
};

addresses look_up(const std::string& host, const std::string& port, int flags = 0) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  addresses found;
  found.problem = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &list);
  for (const auto* each = list; each != nullptr; each = each->ai_next) {
    auto& address = found.all.emplace_back();
    std::memcpy(&address.first, each->ai_addr, each->ai_addrlen);
    address.second = each->ai_addrlen;
  }
  if (list != nullptr)
    ::freeaddrinfo(list);
  return found;
}

error no_answer(const server_address& server, std::string_view why, std::string_view remedy) {
  return {errc::unavailable,
          fmt::format("cannot reach a server at {}: {}; {}", to_string(server), why, remedy),
          details_of(server)};
}

// A name server that is silent holds getaddrinfo() for half a minute, and nothing ends it: it has a
// thread of its own, which nobody waits for then. For an address nobody is asked.
result<addresses> look_up(const server_address& server, deadline until) {
  if (is_ip_address(server.host))
    return look_up(server.host, std::to_string(server.port), AI_NUMERICHOST);
  auto answer = std::make_shared<std::promise<addresses>>();
  auto coming = answer->get_future();
  try {
    std::thread{[answer, host = server.host, port = std::to_string(server.port)] {
      answer->set_value(look_up(host, port));
    }}.detach();
  } catch (const std::system_error& problem) {
    return error{errc::resource_exhausted,
                 fmt::format("the thread that looks up {} cannot be started: {}", server.host,
                             problem.what()),
                 {}};
  }
  if (coming.wait_until(until) != std::future_status::ready)
    return no_answer(server, "no name server has answered in time", "try again");
  auto found = coming.get();
  if (found.problem == EAI_AGAIN)
    return no_answer(server, "no name server answers", "look at the network, and try again");
  if (found.all.empty())
    return no_answer(
        server,
        fmt::format("the name {} has no address ({})", server.host, ::gai_strerror(found.problem)),
        "look at its spelling");
  return found;
}

// 0, or the errno of the failure.
int connect_before(const descriptor& socket, const sockaddr_storage& to, socklen_t size,
                   deadline until) {
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), size) == 0)
    return 0;
  if (errno != EINPROGRESS)
    return errno;
  if (!socket_wait(socket, POLLOUT, until))
    return ETIMEDOUT;
  int problem = 0;
  socklen_t length = sizeof problem;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length);
  return problem;
}

error no_connection(const server_address& server, int number) {
  if (number == ECONNREFUSED)
    return no_answer(server, "nothing listens at this port",
                     "is pawld running there, with tls in [listen] of its pawld.toml?");
  if (number == ETIMEDOUT)
    return no_answer(server, "the connection was not answered in time",
                     "look at the address, and at firewalls on the way");
  return no_answer(server, system_reason(number), "look at the address and the network");
}

// One address after another, each with its share of the time.
result<descriptor> connect_tcp(const server_address& server, deadline until) {
  auto found = look_up(server, until);
  if (!found)
    return std::move(found).error();
  int problem = 0;
  auto left = found->all.size();
  for (const auto& [address, size] : found->all) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = now + (until - now) / static_cast<long>(left--);
    descriptor socket{
        ::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
    problem = socket ? connect_before(socket, address, size, share) : errno;
    if (problem != 0)
      continue;
    const int at_once = 1; // a request is one small frame, and waits for its answer
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    return socket;
  }
  return no_connection(server, problem);
}

} // namespace

result<descriptor> connect_socket(const server_address& address, deadline until) {
  return address.over_tls() ? connect_tcp(address, until) : connect_unix(address, until);
}

std::string place_of(const server_address& address) {
  return address.over_tls() ? to_string(address) : address.unix_path;
}

std::map<std::string, std::string> details_of(const server_address& address) {
  return {{address.over_tls() ? "server" : "socket", place_of(address)}};
}

} // namespace pawl::client
