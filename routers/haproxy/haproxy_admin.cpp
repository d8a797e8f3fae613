#include "routers/haproxy/haproxy_admin.hpp"

#include "posix/files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <iterator>
#include <poll.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto answer_timeout = 5s;
constexpr std::size_t line_bytes = 8 * 1024;           // of HAProxy's 16 KiB
constexpr std::size_t answer_bytes = 16 * 1024 * 1024; // every slot full of instances is 3 MB

error silent(std::string_view what) {
  return {errc::unavailable,
          fmt::format("the router (HAProxy) does not answer on its socket: {}", what)};
}

error silent_with_errno() {
  return silent(system_reason(errno));
}

result<void> send_all(const descriptor& socket, std::string_view bytes, deadline until) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno != EAGAIN && errno != EINTR)
      return silent_with_errno();
    else if (!socket_wait(socket, POLLOUT, until))
      return silent("it takes no command");
  }
  return {};
}

// The prompt, which HAProxy writes after each answer to a line that began with the command
// `prompt`; no line of an answer begins so. Without it, only some answers end with an empty line.
constexpr std::string_view prompt = "\n> ";

result<std::vector<std::string>> receive_answers(const descriptor& socket, std::size_t count,
                                                 deadline until) {
  std::vector<std::string> answers;
  std::string text;
  std::size_t begin = 0; // of the first answer that is not there yet
  std::array<char, 16 * 1024> piece{};
  while (answers.size() < count) {
    const auto got = ::recv(socket.get(), piece.data(), piece.size(), 0);
    if (got == 0)
      return silent("it ended before it had answered");
    if (got < 0) {
      if (errno != EAGAIN && errno != EINTR)
        return silent_with_errno();
      if (!socket_wait(socket, POLLIN, until))
        return silent("no answer within 5s");
      continue;
    }
    const auto unread = text.size() - std::min(text.size() - begin, prompt.size());
    text.append(piece.data(), static_cast<std::size_t>(got));
    for (auto end = text.find(prompt, unread); end != std::string::npos;
         end = text.find(prompt, begin)) {
      auto& answer = answers.emplace_back(text, begin, end - begin);
      answer.erase(answer.find_last_not_of('\n') + 1);
      begin = end + prompt.size();
    }
    if (text.size() > answer_bytes)
      return silent("its answer does not end");
  }
  return answers;
}

// The value of `NAME: value` in a list of such lines; empty if it is not there.
std::string_view field(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    at += line.size() + 1;
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": "))
      return line.substr(name.size() + 2);
  }
  return {};
}

} // namespace

haproxy_admin::haproxy_admin(std::filesystem::path directory) : directory_(std::move(directory)) {}

result<descriptor> haproxy_admin::connect(deadline until) const {
  const descriptor folder(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder)
    return silent_with_errno();
  descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket)
    return silent_with_errno();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = fmt::format("/proc/self/fd/{}/{}", folder.get(), haproxy_socket_name);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
         0) {
    // EAGAIN: the queue of the listening socket is full, and no event tells when it is not.
    if (errno != EAGAIN && errno != EINTR)
      return silent_with_errno();
    if (socket_milliseconds(until) == 0)
      return silent("its queue of connections is full");
    ::poll(nullptr, 0, 10);
  }
  return socket;
}

result<std::vector<std::string>>
haproxy_admin::ask_each(const std::vector<haproxy_command>& commands) const {
  const deadline until = std::chrono::steady_clock::now() + answer_timeout;
  auto socket = connect(until);
  if (!socket)
    return std::move(socket).error();
  std::vector<std::string> all;
  std::string line = "prompt";
  std::size_t asked = 1;
  const auto exchange = [&]() -> result<void> {
    if (auto sent = send_all(*socket, line + "\n", until); !sent)
      return sent;
    auto answers = receive_answers(*socket, asked, until);
    if (!answers)
      return std::move(answers).error();
    std::move(answers->begin(), answers->end(), std::back_inserter(all));
    line.clear();
    asked = 0;
    return {};
  };
  for (const auto& command : commands) {
    // While commands are written, answers wait in the socket, which has room for those of one line.
    if (line.size() + command.text.size() > line_bytes)
      if (auto done = exchange(); !done)
        return std::move(done).error();
    line += (line.empty() ? "" : ";") + command.text;
    ++asked;
  }
  if (auto done = exchange(); !done)
    return std::move(done).error();
  all.erase(all.begin()); // of `prompt`
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (commands[i].silent && !all[i].empty())
      return error{errc::unavailable, fmt::format("the router (HAProxy) refused \"{}\": {}",
                                                  commands[i].text, all[i])};
  return all;
}

result<std::string> haproxy_admin::ask(const std::string& command) const {
  auto answers = ask_each({{command}});
  if (!answers)
    return std::move(answers).error();
  return std::move(answers->front());
}

result<haproxy_identity> haproxy_admin::identity() const {
  const auto answer = ask("show info");
  if (!answer)
    return answer.error();
  haproxy_identity found;
  const auto pid = field(*answer, "Pid");
  std::from_chars(pid.data(), pid.data() + pid.size(), found.pid);
  if (found.pid <= 0)
    return silent("what answers there is not HAProxy");
  found.description = field(*answer, "description");
  return found;
}

} // namespace pawl
