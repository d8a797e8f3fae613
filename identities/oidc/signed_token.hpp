// Signed tokens and the keys that check them, by libcjose.
#pragma once

#include "identities/issuer_client.hpp"
#include "identities/oidc/documents.hpp"

namespace pawl {

std::optional<token_heading> heading_of(const secret& token);

// The keys that the library can read, without RSA keys of less than limits::issuer_key_bits.
// Nothing if there is none.
std::shared_ptr<const key_set> make_key_set(const std::vector<published_key>& published);

} // namespace pawl
