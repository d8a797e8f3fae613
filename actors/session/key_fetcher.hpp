// Asks an issuer for its keys.
#pragma once

#include "actors/identity_messages.hpp"
#include "actors/runtime/asking.hpp"

namespace pawl {

struct key_fetcher_state {
  static inline const char* name = "key_fetcher";
};

// Blocks, for limits::issuer_timeout at most; the actor that spawned it ends it.
key_fetcher_actor::behavior_type
key_fetcher(blocking_pointer<key_fetcher_actor, key_fetcher_state> self,
            std::shared_ptr<const issuer_client> client);

} // namespace pawl
