// The listener on a unix socket. Its clients speak frames, and are who the kernel says they are.
#pragma once

#include "actors/session.hpp"
#include "gateway/listener.hpp"
#include "gateway/transport/unix_socket.hpp"

#include <caf/actor.hpp>

#include <filesystem>

namespace pawl::gateway {

class unix_listener final : public listener {
public:
  unix_listener(unix_listener&&) noexcept = default;
  unix_listener& operator=(unix_listener&&) = delete;
  ~unix_listener() override;

  void stop_accepting() override;
  void close() override;

  const std::filesystem::path& path() const { return socket_.path; }

private:
  friend result<unix_listener> listen_unix(caf::actor_system&, const std::filesystem::path&,
                                           session_factory, const listener_settings&);
  unix_listener(caf::actor broker, bound_socket socket)
      : listener_(std::move(broker)), socket_(std::move(socket)) {}

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
