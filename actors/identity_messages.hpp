// Messages about signed tokens: from a SESSION to the KEY KEEPER, and from it to a KEY FETCHER.
#pragma once

#include "identities/issuer_client.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

namespace pawl {

// Who is it that shows this token, from that address? unauthenticated, with a text for the client,
// if it is nobody; unavailable if the issuer cannot be asked now.
struct check_token {
  secret token;
  std::string address;
};

using key_keeper_actor = caf::typed_actor<caf::replies_to<check_token>::with<result<principal>>>;

struct fetch_keys {
  oidc_issuer issuer;
};

using key_fetcher_actor =
    caf::typed_actor<caf::replies_to<fetch_keys>::with<result<std::shared_ptr<const key_set>>>>;

} // namespace pawl

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::check_token)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<pawl::principal>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::fetch_keys)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(pawl::result<std::shared_ptr<const pawl::key_set>>)
