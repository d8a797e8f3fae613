// Issuers of OpenID Connect: finds their keys by their discovery documents.
#pragma once

#include "identities/issuer_client.hpp"

namespace pawl {

class oidc_client final : public issuer_client {
public:
  std::optional<token_heading> heading(const secret& token) const override;
  result<std::shared_ptr<const key_set>> fetch_keys(const oidc_issuer& from) const override;
};

} // namespace pawl
