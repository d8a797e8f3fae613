// Who somebody is, from what a listener knows of a connection and what its greeting shows. Reads
// memory only, and tells somebody unknown nothing about this server.
#pragma once

#include "actors/session.hpp"
#include "actors/session/known_tokens.hpp"
#include "lifecycle/access_rules.hpp"

namespace pawl {

// Somebody known, and the token by which, if it is one.
struct authenticated {
  principal who;
  std::optional<token_record> token = {};
};

// The address of a principal: an IP address, or "unix".
std::string address_of(const peer& from);

// Whether it is the kernel's word that the client is root, or the user that the server runs as.
bool is_owner(const access_rules& rules, const peer& from);

// Who cannot be known; the same for all of them.
error no_valid_credential();

// A token that is shown is what counts, on any connection. Without one: over the unix socket the
// user, of whom root and pawld's own are admins, and over TLS the name in the certificate; all
// others need an entry in the rules.
//
// A signed token (is_signed_token()) is not known here: the KEY KEEPER is asked.
//
// unauthenticated: the same error for a credential that is unknown, revoked, malformed, of another
// kind or missing. Only to somebody who has a right token that has expired it says so.
result<authenticated> authenticate(const access_rules& rules, const known_tokens& tokens,
                                   const peer& from, const secret& shown, timestamp now);

// Where a client is, in records: its IP address, or "unix".
std::string address_of(const peer& from);

// For a connection whose credential ended while it was open.
error credential_revoked();
error credential_expired(const principal& who);

} // namespace pawl
