#include "engines/probes/socket_probe.hpp"

#include "posix/files.hpp"
#include "posix/socket_wait.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>

namespace pawl {

namespace {

constexpr std::size_t detail_bytes = 200; // of the instance's own answer
static_assert(detail_bytes < limits::health_body_bytes);

using failure_text = std::optional<std::string>; // nothing: success

std::string no_answer(duration timeout) {
  if (timeout.count() % 1000 == 0)
    return fmt::format("no answer within {}s", timeout.count() / 1000);
  return fmt::format("no answer within {}ms", timeout.count());
}

std::string errno_text(int number) {
  switch (number) {
  case ECONNREFUSED:
    return "connection refused";
  case ECONNRESET:
  case EPIPE:
    return "the connection was cut before an answer";
  default:
    return system_reason(number);
  }
}

// The text as a terminal may show it: bytes that are not printable ASCII as \xNN.
std::string escaped(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, detail_bytes)) {
    if (c >= ' ' && c <= '~')
      shown += c;
    else
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return text.size() > detail_bytes ? shown + "..." : shown;
}

class conversation {
public:
  explicit conversation(duration timeout)
      : timeout_(timeout), until_(std::chrono::steady_clock::now() + timeout) {}

  failure_text connect(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos)
      return fmt::format("\"{}\" is not an address", escaped(address));
    auto host = address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
      host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV; // names would be looked up without a deadline
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0)
      return fmt::format("\"{}\" is not an address", escaped(address));
    auto failed = connect(*found);
    ::freeaddrinfo(found);
    return failed;
  }

  failure_text send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(sent));
      else if (errno != EAGAIN && errno != EINTR)
        return errno_text(errno);
      else if (!socket_wait(socket_, POLLOUT, until_))
        return no_answer(timeout_);
    }
    return std::nullopt;
  }

  // Reads until a line or the connection has ended, or `line` is longer than any status line.
  failure_text receive_line(std::string& line) {
    std::array<char, 512> piece{};
    while (line.find('\n') == std::string::npos && line.size() < limits::health_body_bytes) {
      const auto got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (got == 0)
        return line.empty() ? failure_text(errno_text(ECONNRESET)) : std::nullopt;
      if (got > 0)
        line.append(piece.data(), static_cast<std::size_t>(got));
      else if (errno != EAGAIN && errno != EINTR)
        return errno_text(errno);
      else if (!socket_wait(socket_, POLLIN, until_))
        return no_answer(timeout_);
    }
    line.erase(std::min(line.find('\n'), line.size()));
    if (line.ends_with('\r'))
      line.pop_back();
    return std::nullopt;
  }

private:
  failure_text connect(const addrinfo& to) {
    socket_ = descriptor(
        ::socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, to.ai_protocol));
    if (!socket_)
      return errno_text(errno);
    if (::connect(socket_.get(), to.ai_addr, to.ai_addrlen) == 0)
      return std::nullopt;
    if (errno != EINPROGRESS)
      return errno_text(errno);
    if (!socket_wait(socket_, POLLOUT, until_))
      return no_answer(timeout_);
    int failed = 0;
    socklen_t size = sizeof failed;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &failed, &size);
    return failed == 0 ? std::nullopt : failure_text(errno_text(failed));
  }

  duration timeout_;
  deadline until_;
  descriptor socket_;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The status of "HTTP/1.x NNN[ reason]".
std::optional<int> status_of(std::string_view line) {
  constexpr std::size_t status_end = std::string_view("HTTP/1.1 200").size();
  if (line.size() < status_end || !line.starts_with("HTTP/1.") || !is_digit(line[7]) ||
      line[8] != ' ' || !is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11]) ||
      (line.size() > status_end && line[status_end] != ' '))
    return std::nullopt;
  return (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
}

// A space or a control character would end a part of the request early, or begin a second one.
bool breaks_a_request(std::string_view part) {
  return part.find_first_of(std::string_view(" \t\r\n\0", 5)) != std::string_view::npos;
}

std::string host_of(const health_settings& settings) {
  return settings.host.value_or("localhost");
}

std::string problem_of(const health_settings& settings) {
  if (!settings.path->starts_with('/') || breaks_a_request(*settings.path))
    return "is not a path; it begins with / and has no space";
  if (breaks_a_request(host_of(settings)))
    return fmt::format("its Host \"{}\" is not a host name", escaped(host_of(settings)));
  return {};
}

probe_answer judge(const std::string& address, const health_settings& settings,
                   const std::string& line) {
  const auto question = "GET " + escaped(*settings.path);
  const auto in_full =
      fmt::format("{} at {} with Host {}", question, address, escaped(host_of(settings)));
  const auto status = status_of(line);
  if (!status)
    return {false,
            fmt::format("{}: answered something that is not HTTP: \"{}\"", in_full, escaped(line)),
            true};
  const bool ok = *status >= 200 && *status <= 399;
  return {ok,
          fmt::format("{}: {}", ok ? question : in_full,
                      escaped(line.substr(std::strlen("HTTP/1.1 ")))),
          true};
}

// Gives the first line of the answer.
failure_text get(conversation& talk, const health_settings& settings, std::string& line) {
  if (auto failed = talk.send(fmt::format(
          "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: pawl\r\nConnection: close\r\n\r\n",
          *settings.path, host_of(settings))))
    return failed;
  return talk.receive_line(line);
}

} // namespace

probe_answer socket_probe::ask(const std::string& address, const health_settings& settings) {
  conversation talk(settings.timeout);
  const auto question = settings.path
                            ? fmt::format("GET {} at {}", escaped(*settings.path), escaped(address))
                            : "connect to " + escaped(address);
  if (settings.path)
    if (const auto problem = problem_of(settings); !problem.empty())
      return {false, fmt::format("{}: {}", question, problem)};
  if (const auto failed = talk.connect(address))
    return {false, fmt::format("{}: {}", question, *failed)};
  if (!settings.path)
    return {true, question + ": accepted", true};
  std::string line;
  if (const auto failed = get(talk, settings, line))
    return {false, fmt::format("{}: {}", question, *failed)};
  return judge(address, settings, line);
}

} // namespace pawl
