// The documents and texts of an issuer, as JSON: its discovery document, its keys, and the claims
// of a token. Each text is foreign; none is larger than its reader allows.
#pragma once

#include "lifecycle/oidc.hpp"
#include "lifecycle/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// Where the keys of the issuer are: jwks_uri of its discovery document, which has to be of this
// very issuer. unavailable, with the reason.
result<std::string> keys_address(const oidc_issuer& issuer, std::string_view discovery);

struct published_key {
  std::string id;        // empty without one
  std::string algorithm; // that it is for; empty if it does not say
  std::string text;      // JSON
};

// The public keys for signatures in a set (JWKS), at most limits::issuer_keys; all others are left
// out. unavailable if it is no set.
result<std::vector<published_key>> keys_in(std::string_view set);

// `iss` of the claims of a token; empty without one.
std::string issuer_in(std::string_view payload);

// unauthenticated, with the reason, if it is no object, or has no end.
result<oidc_claims> claims_in(std::string_view payload);

} // namespace pawl
