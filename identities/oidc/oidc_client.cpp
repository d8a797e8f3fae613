#include "identities/oidc/oidc_client.hpp"

#include "identities/oidc/https_get.hpp"
#include "identities/oidc/signed_token.hpp"
#include "lifecycle/limits.hpp"

#include <chrono>

namespace pawl {

namespace {

std::string discovery_address(const oidc_issuer& issuer) {
  const auto end = issuer.url.ends_with('/') ? issuer.url.size() - 1 : issuer.url.size();
  return issuer.url.substr(0, end) + "/.well-known/openid-configuration";
}

// Reads documents of one issuer until the time for all of them is over.
class issuer_documents {
public:
  explicit issuer_documents(const oidc_issuer& issuer) : issuer_(issuer) {}

  result<std::string> get(std::string url) const {
    const auto left =
        std::chrono::floor<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return https_get({std::move(url), issuer_.ca, left});
  }

private:
  const oidc_issuer& issuer_;
  std::chrono::steady_clock::time_point end_ =
      std::chrono::steady_clock::now() + limits::issuer_timeout;
};

} // namespace

std::optional<token_heading> oidc_client::heading(const secret& token) const {
  return heading_of(token);
}

result<std::shared_ptr<const key_set>> oidc_client::fetch_keys(const oidc_issuer& from) const {
  const issuer_documents documents{from};
  auto discovery = documents.get(discovery_address(from));
  if (!discovery)
    return std::move(discovery).error();
  auto address = keys_address(from, *discovery);
  if (!address)
    return std::move(address).error();
  auto set = documents.get(*std::move(address));
  if (!set)
    return std::move(set).error();
  auto published = keys_in(*set);
  if (!published)
    return std::move(published).error();
  auto keys = make_key_set(*published);
  if (!keys)
    return error{errc::unavailable, "it publishes no key for signatures that can be read", {}};
  return keys;
}

} // namespace pawl
