// The listeners of the server, as its configuration names them.
#pragma once

#include "actors/session.hpp"
#include "config/server_config.hpp"
#include "gateway/listener.hpp"
#include "gateway/transport/tls_credentials.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace pawl {

gateway::credential_files credential_files_of(const config::tls_settings& settings);

// Its functions may be called from any thread, one at a time.
class listeners {
public:
  using say = std::function<void(std::string_view)>;

  // Opens all of them, or says which one cannot be. `lost` is called with the reason when one has
  // stopped by itself; `log` with lines for the log. Both from any thread.
  static result<std::unique_ptr<listeners>> open(caf::actor_system& system,
                                                 const config::server_config& settings,
                                                 const session_factory& make_session,
                                                 const say& lost, const say& log);
  virtual ~listeners() = default;

  // As gateway::listener::close(). Stops watching certificates, too.
  virtual void close() = 0;

  // How other machines reach the server; nothing without a listener for them.
  virtual std::optional<protocol::server_place> place_for_others() const = 0;

  // New connections get the certificate that is in its file then; the log says how that went.
  virtual void read_certificates_again() = 0;
};

} // namespace pawl
