// The listener for clients of the network. One port: a client says in its TLS handshake (ALPN)
// whether it speaks frames ("pawl/1") or HTTP ("http/1.1", also without ALPN).
//
// Who connects may be anybody, so until a connection's session has answered its client well:
// handshake and first request together have limits::trust_timeout, one address may have
// limits::strangers_per_address of them, and none costs a look at the disk. There is no session
// before the handshake is over. Where all places are taken, the one that has waited longest loses
// its own to the next client: to refuse the newest would let strangers lock everybody out. After
// limits::failed_logins of its address a client is refused in words. The log has at most a line a
// minute about all that.
#pragma once

#include "actors/session.hpp"
#include "gateway/listener.hpp"
#include "gateway/transport/tls_credentials.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

namespace pawl::gateway {

// INTERNAL. To the listener's actor: new connections get these.
struct new_credentials {
  tls_credentials what;
};

class tls_listener final : public listener {
public:
  tls_listener(tls_listener&&) noexcept = default;
  tls_listener& operator=(tls_listener&&) = delete;
  ~tls_listener() override;

  void stop_accepting() override;
  void close() override;

  // New connections get these; those that are open keep theirs.
  void use(const tls_credentials& credentials);

  // Where it listens: IP:PORT, [IP]:PORT.
  const std::string& endpoint() const { return endpoint_; }

private:
  friend result<tls_listener> listen_tls(caf::actor_system&, const std::string&,
                                         const tls_credentials&, session_factory,
                                         const listener_settings&);
  tls_listener(caf::actor broker, std::string endpoint)
      : listener_(std::move(broker)), endpoint_(std::move(endpoint)) {}

  caf::actor listener_;
  std::string endpoint_;
};

// The settings of a listener for the network, where nothing else is wanted.
listener_settings settings_for_strangers();

// Listens at IP:PORT (see bind_tcp_socket for its errors). Each connection that speaks frames gets
// a session from the factory, for a peer with its IP address and the common name of its
// certificate. `settings.connection.hello_timeout` is for the handshake and the first request
// together. The system needs CAF's middleman.
result<tls_listener> listen_tls(caf::actor_system& system, const std::string& endpoint,
                                const tls_credentials& credentials, session_factory make_session,
                                const listener_settings& settings = settings_for_strangers());

} // namespace pawl::gateway

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::gateway::new_credentials)
