// The issuer of a CI system's tokens, over HTTPS: it vouches for the repository acme/shop.
#pragma once

#include "test/support/https_server.hpp"
#include "test/support/signing_key.hpp"

#include <fmt/format.h>

#include <chrono>

namespace pawl::test {

struct ci_issuer {
  certificate_authority authority;
  https_server documents{authority.issue(server_plan())};
  signing_key key = signing_key::curve("first");

  ci_issuer() {
    documents.put_document(
        "/.well-known/openid-configuration",
        fmt::format(R"({{"issuer":"{0}","jwks_uri":"{0}/keys"}})", documents.url()));
    documents.put_document("/keys", key_set_of({key.published()}));
  }

  // The table of pawld.toml that believes it; the file has its authority.
  std::string table(const std::filesystem::path& authority_file) const {
    return fmt::format("[access.oidc.ci]\nissuer = \"{}\"\naudience = \"pawl\"\nca = \"{}\"\n"
                       "[[access.oidc.ci.rules]]\n"
                       "claims = {{ repository = \"acme/shop\", ref = \"refs/heads/main\" }}\n"
                       "role = \"deploy\"\napps = [\"shop\"]\n",
                       documents.url(), authority_file.string());
  }

  // Good for an hour, but for the claims that are given: JSON, without braces.
  std::string claims(std::string_view others = R"("ref":"refs/heads/main")") const {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    return fmt::format(R"({{"iss":"{}","aud":"pawl","sub":"repo:acme/shop","exp":{},"nbf":{},)"
                       R"("repository":"acme/shop",{}}})",
                       documents.url(), now + 3600, now, others);
  }

  std::string token() const { return key.sign("ES256", claims()); }
};

} // namespace pawl::test
