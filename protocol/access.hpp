// The messages about who somebody is, and about tokens.
#pragma once

#include "lifecycle/secret.hpp"
#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks in whose name this connection speaks; answered by `whoami`.
struct whoami_request {
  static constexpr std::string_view kind = "whoami_request";
};

template <class Visit, is_a<whoami_request> Object>
void fields(Visit&&, Object&) {}

inline result<void> check(const whoami_request&) {
  return {};
}

// Asks for a token with this grant, which that of the one who asks covers; answered by
// `token_created`.
struct token_create_request {
  static constexpr std::string_view kind = "token_create_request";

  std::string name;
  pawl::grant grant = {};
  std::optional<duration> expires_in = {}; // nothing: limits::token_expiry
  bool never_expires = false;              // then expires_in is nothing
};

template <class Visit, is_a<token_create_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("role", x.grant.role);
  visit("apps", x.grant.apps);
  visit("clusters", x.grant.clusters);
  visit("expires_in", x.expires_in);
  visit("never_expires", x.never_expires);
}

result<void> check(const token_create_request& m);

// Asks for the tokens that the grant of the one who asks covers, by name, in pages; answered by
// `token_list`.
struct token_list_request {
  static constexpr std::string_view kind = "token_list_request";

  std::optional<std::string> cursor = {}; // of the page before
};

template <class Visit, is_a<token_list_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("cursor", x.cursor);
}

result<void> check(const token_list_request& m);

// Asks that a token opens nothing any more; answered by `token_revoked`, when that is durable and
// the token is refused.
struct token_revoke_request {
  static constexpr std::string_view kind = "token_revoke_request";

  std::string name;
};

template <class Visit, is_a<token_revoke_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
}

result<void> check(const token_revoke_request& m);

// --- answers

struct whoami {
  static constexpr std::string_view kind = "whoami";

  std::string user;
  pawl::grant grant = {}; // empty lists of apps and clusters: all
  pawl::credential authenticated_by = credential::socket;
  std::optional<timestamp> expires_at = {}; // of the credential; nothing: never
};

template <class Visit, is_a<whoami> Object>
void fields(Visit&& visit, Object& x) {
  visit("user", x.user);
  visit("role", x.grant.role);
  visit("apps", x.grant.apps);
  visit("clusters", x.grant.clusters);
  visit("authenticated_by", x.authenticated_by);
  visit("expires_at", x.expires_at);
}

// Its size alone bounds it.
inline result<void> check(const whoami&) {
  return {};
}

// How other machines reach the server.
struct server_place {
  std::string address;     // IP:PORT
  std::string fingerprint; // of its key
};

template <class Visit, is_a<server_place> Object>
void fields(Visit&& visit, Object& x) {
  visit("address", x.address);
  visit("fingerprint", x.fingerprint);
}

// The only message that carries a token to a client.
struct token_created {
  static constexpr std::string_view kind = "token_created";

  std::string name;
  secret token;
  pawl::grant grant = {};
  std::optional<timestamp> expires_at = {}; // nothing: never
  std::optional<server_place> server = {};  // nothing: it does not listen for other machines
};

template <class Visit, is_a<token_created> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("token", x.token);
  visit("role", x.grant.role);
  visit("apps", x.grant.apps);
  visit("clusters", x.grant.clusters);
  visit("expires_at", x.expires_at);
  visit("server", x.server);
}

result<void> check(const token_created& m);

struct token_view {
  std::string name;
  pawl::grant grant = {};
  timestamp created_at = {};
  std::string created_by;
  std::optional<timestamp> expires_at = {};
  std::optional<timestamp> last_used_at = {};
};

template <class Visit, is_a<token_view> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
  visit("role", x.grant.role);
  visit("apps", x.grant.apps);
  visit("clusters", x.grant.clusters);
  visit("created_at", x.created_at);
  visit("created_by", x.created_by);
  visit("expires_at", x.expires_at);
  visit("last_used_at", x.last_used_at);
}

struct token_list {
  static constexpr std::string_view kind = "token_list";

  std::vector<token_view> tokens;
  std::optional<std::string> next_cursor = {};
};

template <class Visit, is_a<token_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("tokens", x.tokens);
  visit("next_cursor", x.next_cursor);
}

// Its size alone bounds it.
inline result<void> check(const token_list&) {
  return {};
}

struct token_revoked {
  static constexpr std::string_view kind = "token_revoked";

  std::string name;
};

template <class Visit, is_a<token_revoked> Object>
void fields(Visit&& visit, Object& x) {
  visit("name", x.name);
}

// Its size alone bounds it.
inline result<void> check(const token_revoked&) {
  return {};
}

} // namespace pawl::protocol
