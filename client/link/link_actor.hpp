// The actor behind a link: frames in and out of one socket, pings answered, silence noticed.
#pragma once

#include "client/link/link_inbox.hpp"
#include "client/link/server_link.hpp"
#include "client/link/tls_session.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <vector>

namespace pawl::client {

// To the actor: write a whole frame.
struct frame_to_write {
  std::vector<char> bytes;
};

// To the actor: hang up and end.
using hang_up = caf::atom_constant<caf::atom("hangup")>;

// Takes over a connected socket, and the TLS session over it, if there is one, after its handshake.
// Messages go into the inbox, and so does the reason when the connection is lost. The system
// needs CAF's middleman.
caf::actor spawn_link_actor(caf::actor_system& system, int descriptor,
                            std::shared_ptr<tls_session> tls, std::shared_ptr<link_inbox> inbox,
                            const link_settings& settings);

} // namespace pawl::client

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::client::frame_to_write)
