#include "actors/session/key_fetcher.hpp"

namespace pawl {

key_fetcher_actor::behavior_type key_fetcher(blocking_pointer<key_fetcher_actor, key_fetcher_state>,
                                             std::shared_ptr<const issuer_client> client) {
  return {[client = std::move(client)](const fetch_keys& what) {
    return client->fetch_keys(what.issuer);
  }};
}

} // namespace pawl
