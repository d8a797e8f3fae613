#include "lifecycle/oidc.hpp"

#include "lifecycle/limits.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::array<std::string_view, 6> fault_texts{
    "is of another issuer", "is for another audience",
    "is not valid yet",     "has a subject that can be no user's name",
    "matches no rule",      "has expired",
};

bool matches(const oidc_rule& rule, const oidc_claims& token) {
  return std::all_of(rule.claims.begin(), rule.claims.end(), [&](const auto& claim) {
    const auto found = token.texts.find(claim.first);
    return found != token.texts.end() && found->second == claim.second;
  });
}

bool is_for(const oidc_claims& token, const std::string& audience) {
  return std::find(token.audiences.begin(), token.audiences.end(), audience) !=
         token.audiences.end();
}

} // namespace

std::string_view to_string(oidc_fault why) {
  return fault_texts.at(static_cast<std::size_t>(why));
}

oidc_verdict judge(const oidc_issuer& issuer, const oidc_claims& token, timestamp now) {
  oidc_verdict found;
  const auto refused = [&found](oidc_fault why) {
    found.fault = why;
    return found;
  };
  if (token.issuer != issuer.url)
    return refused(oidc_fault::issuer);
  if (!is_for(token, issuer.audience))
    return refused(oidc_fault::audience);
  if (token.not_before && *token.not_before > now + limits::issuer_clock_leeway)
    return refused(oidc_fault::not_yet);
  auto user = issuer.name + ":" + token.subject;
  if (token.subject.empty() || !is_user_name(user))
    return refused(oidc_fault::subject);
  found.user = std::move(user);
  const auto rule = std::find_if(issuer.rules.begin(), issuer.rules.end(),
                                 [&](const oidc_rule& one) { return matches(one, token); });
  if (rule == issuer.rules.end())
    return refused(oidc_fault::rule);
  found.grant = &rule->grant;
  if (token.expires_at <= now)
    return refused(oidc_fault::expired);
  return found;
}

bool covers(const oidc_rule& earlier, const oidc_rule& later) {
  return std::includes(later.claims.begin(), later.claims.end(), earlier.claims.begin(),
                       earlier.claims.end());
}

bool is_signed_token(std::string_view text) {
  constexpr std::string_view base64url_characters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto first = text.find('.');
  const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos)
    return false;
  const std::array<std::string_view, 3> parts{
      text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  return std::all_of(parts.begin(), parts.end(), [&](std::string_view part) {
    return !part.empty() && part.find_first_not_of(base64url_characters) == std::string_view::npos;
  });
}

} // namespace pawl
