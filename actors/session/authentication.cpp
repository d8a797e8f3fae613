#include "actors/session/authentication.hpp"

#include "lifecycle/token.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

constexpr std::uint32_t root_uid = 0;

error expired_at(std::string_view name, timestamp at, std::string_view remedy) {
  return {errc::unauthenticated,
          fmt::format("the credential of {} expired at {}: {}", name, format_time(at), remedy),
          {{"expired_at", format_time(at)}}};
}

std::string_view remedy_of_expiry(credential kind) {
  if (kind == credential::certificate)
    return "connect with a new certificate";
  return kind == credential::oidc
             ? "let the job ask its issuer for a new token before it connects"
             : "ask an admin for a new token (pawl token create), and log in with it (pawl login)";
}

result<authenticated> by_token(const known_tokens& tokens, const peer& from, const secret& shown,
                               timestamp now) {
  if (!is_token(shown.reveal()))
    return no_valid_credential();
  auto token = tokens.holder(shown);
  if (!token)
    return no_valid_credential();
  if (is_expired(*token, now))
    return expired_at(token->name, *token->expires_at, remedy_of_expiry(credential::token));
  principal who{.name = token->name,
                .grant = token->grant,
                .credential = credential::token,
                .expires_at = token->expires_at,
                .address = address_of(from)};
  return authenticated{std::move(who), std::move(token)};
}

} // namespace

std::string address_of(const peer& from) {
  return from.address.value_or("unix");
}

bool is_owner(const access_rules& rules, const peer& from) {
  return !from.address && (from.uid == root_uid || from.uid == rules.own_uid);
}

error no_valid_credential() {
  return {errc::unauthenticated,
          "no valid credentials: log in with pawl login and a token, or ask an admin of the server "
          "for one (pawl token create), or for an entry in [access.users] of pawld.toml",
          {}};
}

result<authenticated> authenticate(const access_rules& rules, const known_tokens& tokens,
                                   const peer& from, const secret& shown, timestamp now) {
  if (!shown.empty())
    return by_token(tokens, from, shown, now);
  const bool is_local = !from.address;
  principal who{.name = from.name,
                .grant = {role::admin, {}, {}},
                .credential = is_local ? credential::socket : credential::certificate,
                .expires_at = from.expires_at,
                .address = address_of(from)};
  if (is_owner(rules, from))
    return authenticated{std::move(who)};
  const auto entry = rules.users.find(from.name);
  if (from.name.empty() || entry == rules.users.end())
    return no_valid_credential();
  who.grant = entry->second;
  return authenticated{std::move(who)};
}

error credential_revoked() {
  return {
      errc::unauthenticated,
      "the token of this connection was revoked: ask an admin for a new one (pawl token create), "
      "and log in with it (pawl login)",
      {}};
}

error credential_expired(const principal& who) {
  return expired_at(who.name, who.expires_at.value_or(timestamp{}),
                    remedy_of_expiry(who.credential));
}

} // namespace pawl
