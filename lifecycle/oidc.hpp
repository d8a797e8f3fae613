// Identities of CI systems: whose signed tokens (OpenID Connect) this server believes, and the
// rights that they give. Pure: the signature is checked elsewhere (identities/).
#pragma once

#include "lifecycle/access.hpp"

#include <filesystem>
#include <map>

namespace pawl {

// A token that has all of these claims, as texts that are the same to the byte, gets the grant.
struct oidc_rule {
  std::map<std::string, std::string> claims; // at least one
  pawl::grant grant = {};

  friend bool operator==(const oidc_rule&, const oidc_rule&) = default;
};

// Somebody who signs tokens for programs, such as the jobs of a CI system.
struct oidc_issuer {
  std::string name;     // as check_name() takes it; a user's name begins with it
  std::string url;      // https://…, as the tokens have it in `iss`
  std::string audience; // that the tokens are made for: `aud`
  // PEM: the authorities that vouch for the issuer's server; without it those of this machine.
  std::optional<std::filesystem::path> ca = {};
  std::vector<oidc_rule> rules; // the first that matches decides

  friend bool operator==(const oidc_issuer&, const oidc_issuer&) = default;
};

// The claims of a token whose signature is right.
struct oidc_claims {
  std::string issuer;                       // iss
  std::string subject;                      // sub
  std::vector<std::string> audiences;       // aud, a text or a list of texts
  timestamp expires_at;                     // exp
  std::optional<timestamp> not_before = {}; // nbf
  // All claims that are texts. A list, a number or a boolean is none, and matches no rule.
  std::map<std::string, std::string, std::less<>> texts = {};
};

// Why a token whose signature is right lets nobody in.
enum class oidc_fault : std::uint8_t { issuer, audience, not_yet, subject, rule, expired };

// As a part of a sentence about a token, for the log.
std::string_view to_string(oidc_fault why);

struct oidc_verdict {
  std::string user;                     // ISSUER-NAME:SUBJECT
  const pawl::grant* grant = nullptr;   // of the first rule that matches; points into the issuer
  std::optional<oidc_fault> fault = {}; // nothing: the token is good now
};

// `expired` is the last that is looked at: such a token was good once. A token may begin
// limits::issuer_clock_leeway later than now, because clocks differ.
oidc_verdict judge(const oidc_issuer& issuer, const oidc_claims& token, timestamp now);

// Whether each token that matches `later` matches `earlier` too.
bool covers(const oidc_rule& earlier, const oidc_rule& later);

// Whether the text looks like a signed token: three parts of base64url with dots between them.
bool is_signed_token(std::string_view text);

} // namespace pawl
