// The server's door on a unix socket.
#pragma once

#include "actors/connection.hpp"
#include "gateway/frames/connection.hpp"
#include "gateway/transport/unix_socket.hpp"

#include <filesystem>
#include <functional>

namespace pawl::gateway {

struct listener_settings {
  connection_settings connection = {};
  std::size_t connections = limits::connections; // the newest beyond it is closed at once
  // Nobody can connect any more, and nobody has asked for that. Any thread; what is connected
  // stays.
  std::function<void()> on_death = {};
};

// A listening socket and its connections. Its functions may be called from any thread, and return
// at once. Must end before its actor system does.
class unix_listener {
public:
  unix_listener(unix_listener&&) noexcept = default;
  unix_listener& operator=(unix_listener&&) = delete;
  ~unix_listener(); // close()

  // The socket's file goes, and nobody new is let in. What is connected stays.
  void stop_accepting();

  // The same, and each connection is closed once what was written to it is sent, or after
  // limits::close_timeout.
  void close();

  const std::filesystem::path& path() const { return socket_.path; }

private:
  friend result<unix_listener> listen_unix(caf::actor_system&, const std::filesystem::path&,
                                           session_factory, const listener_settings&);
  unix_listener(caf::actor listener, bound_socket socket)
      : listener_(std::move(listener)), socket_(std::move(socket)) {}

  caf::actor listener_;
  bound_socket socket_; // its descriptor is the listener's by now
};

// Listens at the path (see bind_unix_socket for what it makes, replaces and refuses). Each
// connection gets a session from the factory, with the user that the kernel names. The system needs
// CAF's middleman.
result<unix_listener> listen_unix(caf::actor_system& system, const std::filesystem::path& path,
                                  session_factory make_session,
                                  const listener_settings& settings = {});

} // namespace pawl::gateway
