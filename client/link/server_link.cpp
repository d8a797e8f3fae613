#include "client/link/server_link.hpp"

#include "client/link/link_actor.hpp"
#include "posix/descriptor.hpp"
#include "protocol/msgpack/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace pawl::client {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view program = "pawl " PAWL_VERSION;

struct link_config : caf::actor_system_config {
  link_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
    set("middleman.attach-utility-actors", true);
    load<caf::io::middleman>();
  }
};

// While it lives, signals are blocked in this thread, and for good in the threads that it starts: a
// program's own threads are to get them.
class signals_blocked {
public:
  signals_blocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

private:
  sigset_t before_{};
};

// One actor system for the program, made with its first link and never destroyed: its destructor
// waits for threads of CAF, and can wait for ever (docs/decisions/0019). A link that has ended
// leaves a closed socket in it.
caf::actor_system& link_system() {
  static auto* const config = new link_config;
  static auto* const system = [] {
    signals_blocked for_the_new_threads;
    return new caf::actor_system{*config};
  }();
  return *system;
}

error no_server(const std::string& path, int number) {
  std::map<std::string, std::string> details{{"socket", path}};
  if (number == EACCES || number == EPERM)
    return {
        errc::permission_denied,
        fmt::format("no permission to use the socket {}: run pawl as the user of its pawld", path),
        std::move(details)};
  auto why = number == ENOENT || number == ECONNREFUSED ? std::string{"no pawld listens there"}
                                                        : std::generic_category().message(number);
  return {errc::unavailable,
          fmt::format("cannot reach a server on {}: {}; start one with \"pawld --config FILE\", or "
                      "name another with --server",
                      path, why),
          std::move(details)};
}

timeval to_timeval(std::chrono::milliseconds time) {
  timeval converted{};
  converted.tv_sec = static_cast<time_t>(time / 1s);
  converted.tv_usec = static_cast<suseconds_t>((time % 1s) / 1us);
  return converted;
}

// A connected socket.
result<descriptor> connect_socket(const std::string& path, std::chrono::milliseconds timeout) {
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
    return no_server(path, errno);
  // Connecting waits while the server's queue of new connections is full; this bounds it.
  auto patience = to_timeval(std::max(timeout, 1ms));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return no_server(path, errno);
  return socket;
}

class socket_link final : public server_link {
public:
  socket_link(int descriptor, const link_settings& settings)
      : inbox_(std::make_shared<link_inbox>(settings.unread_bytes)),
        actor_(spawn_link_actor(link_system(), descriptor, inbox_, settings)) {}

  ~socket_link() override { caf::anon_send(std::exchange(actor_, nullptr), hang_up::value); }

  result<void> greet(const std::string& path, std::chrono::milliseconds timeout) {
    if (auto sent = write(0, protocol::hello{protocol::version, std::string{program}, {}}); !sent)
      return sent;
    auto answer = receive(timeout);
    if (!answer && answer.error().code == errc::timed_out)
      return error{errc::unavailable,
                   fmt::format("the server on {} accepted the connection and sent nothing for {} "
                               "ms; read its log, and try again",
                               path, timeout.count()),
                   {{"socket", path}}};
    if (!answer)
      return std::move(answer).error();
    if (const auto* theirs = std::get_if<protocol::hello>(&answer->body))
      return protocol::check_version(*theirs, program);
    if (auto* refusal = std::get_if<protocol::refused>(&answer->body))
      return std::move(refusal->error);
    return error{errc::invalid_argument,
                 fmt::format("the program on {} is not pawld: its first message is \"{}\"; name "
                             "another socket with --server",
                             path, protocol::kind(answer->body)),
                 {{"socket", path}}};
  }

  result<std::uint64_t> send(protocol::message request) override {
    auto ref = next_ref_;
    if (auto sent = send(ref, std::move(request)); !sent)
      return std::move(sent).error();
    ++next_ref_;
    return ref;
  }

  result<void> send(std::uint64_t ref, protocol::message part) override {
    if (auto judged = protocol::check(part); !judged)
      return judged;
    return write(ref, std::move(part));
  }

  result<protocol::envelope> receive(std::chrono::milliseconds timeout) override {
    return inbox_->take(timeout);
  }

  int ready_descriptor() const override { return inbox_->ready_descriptor(); }

private:
  result<void> write(std::uint64_t ref, protocol::message body) {
    if (auto loss = inbox_->loss())
      return *std::move(loss);
    auto frame = protocol::encode({ref, std::move(body)});
    if (!frame)
      return std::move(frame).error();
    caf::anon_send(actor_, frame_to_write{*std::move(frame)});
    return {};
  }

  std::shared_ptr<link_inbox> inbox_;
  caf::actor actor_;
  std::uint64_t next_ref_ = 1;
};

} // namespace

result<std::unique_ptr<server_link>> server_link::connect(const server_address& server,
                                                          std::chrono::milliseconds timeout,
                                                          const link_settings& settings) {
  auto end = std::chrono::steady_clock::now() + timeout;
  auto socket = connect_socket(server.unix_path, timeout);
  if (!socket)
    return std::move(socket).error();
  std::unique_ptr<socket_link> link;
  try {
    link = std::make_unique<socket_link>(socket->get(), settings);
    socket->release(); // the link's actor closes it
  } catch (const std::exception& problem) {
    return error{errc::resource_exhausted,
                 fmt::format("the connection's threads cannot be started: {}", problem.what()),
                 {}};
  }
  auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  if (auto greeted = link->greet(server.unix_path, std::max(left, 0ms)); !greeted)
    return std::move(greeted).error();
  return std::unique_ptr<server_link>{std::move(link)};
}

} // namespace pawl::client
