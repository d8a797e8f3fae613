// An accepted connection, as the actor sees it that speaks its protocol.
#pragma once

#include "gateway/transport/transport.hpp"

#include <caf/actor.hpp>
#include <caf/io/connection_handle.hpp>

#include <memory>

namespace pawl::gateway {

// Its transport is open.
struct carried_connection {
  caf::io::connection_handle socket;
  std::shared_ptr<transport> below;
  caf::actor listener = {}; // is told how the client was received; may be nobody
};

} // namespace pawl::gateway
