#include "client/link/server_link.hpp"

#include "client/link/handshake.hpp"
#include "client/link/link_actor.hpp"
#include "client/link/sockets.hpp"
#include "protocol/msgpack/codec.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <fmt/format.h>

#include <csignal>
#include <exception>

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

error no_token(const known_server& server) {
  const auto place = to_string(server.address);
  return {errc::unauthenticated,
          fmt::format("no token is known for the server at {}: pawl login {}, or set PAWL_TOKEN",
                      place, place),
          details_of(server.address)};
}

class socket_link final : public server_link {
public:
  socket_link(int descriptor, std::unique_ptr<tls_session> tls, const link_settings& settings)
      : inbox_(std::make_shared<link_inbox>(settings.unread_bytes)),
        actor_(spawn_link_actor(link_system(), descriptor, std::move(tls), inbox_, settings)) {}

  ~socket_link() override { caf::anon_send(std::exchange(actor_, nullptr), hang_up::value); }

  result<void> greet(const known_server& server, std::chrono::milliseconds timeout) {
    const auto place = place_of(server.address);
    protocol::hello hello{protocol::version, std::string{program}, {}};
    if (server.address.over_tls())
      hello.token = server.token;
    if (auto fits = protocol::check(hello); !fits)
      return fits;
    if (auto sent = write(0, std::move(hello)); !sent)
      return sent;
    auto answer = inbox_->take(timeout);
    if (!answer && answer.error().code == errc::timed_out)
      return error{errc::unavailable,
                   fmt::format("the server on {} accepted the connection and sent nothing for {} "
                               "ms; read its log, and try again",
                               place, timeout.count()),
                   details_of(server.address)};
    if (!answer)
      return std::move(answer).error();
    if (const auto* theirs = std::get_if<protocol::hello>(&answer->body))
      return protocol::check_version(*theirs, program);
    if (auto* refusal = std::get_if<protocol::refused>(&answer->body))
      return std::move(refusal->error);
    return error{errc::invalid_argument,
                 fmt::format("the program on {} is not pawld: its first message is \"{}\"; name "
                             "another with --server",
                             place, protocol::kind(answer->body)),
                 details_of(server.address)};
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
    auto got = inbox_->take(timeout);
    // No request has this ref: the server ends the connection, and says why.
    if (got && got->ref == 0)
      if (auto* refusal = std::get_if<protocol::refused>(&got->body))
        return std::move(refusal->error);
    return got;
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

result<std::unique_ptr<server_link>> server_link::connect(const known_server& server,
                                                          std::chrono::milliseconds timeout,
                                                          const link_settings& settings) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  auto socket = connect_socket(server.address, end);
  if (!socket)
    return std::move(socket).error();
  std::unique_ptr<tls_session> tls;
  if (server.address.over_tls()) {
    auto session = shake_hands(server, *socket, end);
    if (!session)
      return std::move(session).error();
    if (server.token.empty())
      return no_token(server);
    tls = *std::move(session);
  }
  std::unique_ptr<socket_link> link;
  try {
    link = std::make_unique<socket_link>(socket->get(), std::move(tls), settings);
    socket->release(); // the link's actor closes it
  } catch (const std::exception& problem) {
    return error{errc::resource_exhausted,
                 fmt::format("the connection's threads cannot be started: {}", problem.what()),
                 {}};
  }
  auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  if (auto greeted = link->greet(server, std::max(left, 0ms)); !greeted)
    return std::move(greeted).error();
  return std::unique_ptr<server_link>{std::move(link)};
}

} // namespace pawl::client
