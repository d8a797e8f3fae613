// The issuers of signed tokens, as this server asks them. The rules that a checked token has to
// keep are in lifecycle/oidc.hpp.
#pragma once

#include "lifecycle/oidc.hpp"
#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

// Says which keys a token has to be checked by. Nobody has checked that it is true.
struct token_heading {
  std::string issuer;
  std::string key; // its id; empty if the token names none
};

// The public keys of an issuer. One thread at a time.
class key_set {
public:
  virtual ~key_set() = default;

  // Whether the key with this id is there. Without an id: whether there is only one key.
  virtual bool has(std::string_view key) const = 0;

  // The claims, if the key that the token names has signed it, by an algorithm for public keys that
  // fits the key. Otherwise unauthenticated, with the reason for the operator: it goes to nobody
  // else.
  virtual result<oidc_claims> verify(const secret& token) const = 0;
};

// Any thread may call any function.
class issuer_client {
public:
  virtual ~issuer_client() = default;

  // Nothing if it is no signed token, or names no issuer.
  virtual std::optional<token_heading> heading(const secret& token) const = 0;

  // Asks the issuer for its keys, over HTTPS. Blocks, for limits::issuer_timeout at most.
  // unavailable, with the reason for the operator.
  virtual result<std::shared_ptr<const key_set>> fetch_keys(const oidc_issuer& from) const = 0;
};

} // namespace pawl
