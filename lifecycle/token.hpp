// Tokens: credentials of clients that have no user on the server's machine. A token's text is shown
// once, when it is made; the server keeps its digest (persistence/token_digest.hpp).
#pragma once

#include "lifecycle/access.hpp"
#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"

#include <array>
#include <cstdint>

namespace pawl {

inline constexpr std::string_view token_prefix = "pawl_";

using token_randomness = std::array<std::uint8_t, 32>;

// "pawl_" and 43 characters of base64url. The randomness is the caller's, so that a simulation can
// repeat it; it has to be the operating system's best.
secret make_token(const token_randomness& random);

// Whether the text could be a token.
bool is_token(std::string_view text);

// What the server keeps of a token.
struct token_record {
  std::string name;   // as check_name() takes it; the user in whose name the token speaks
  std::string digest; // of the token's text: "sha256:…"
  pawl::grant grant = {};
  timestamp created_at = {};
  std::string created_by;
  std::optional<timestamp> expires_at = {};   // nothing: never
  std::optional<timestamp> last_used_at = {}; // to within limits::token_use_noted
  std::uint64_t revision = 0;                 // counted by the store; 0: not stored yet

  friend bool operator==(const token_record&, const token_record&) = default;
};

// Whether the token has ended by itself.
constexpr bool is_expired(const token_record& token, timestamp now) {
  return token.expires_at && *token.expires_at <= now;
}

// Names that check_name() takes, each once, and at most limits::granted_names of apps and of
// clusters. invalid_argument, naming what is wrong.
result<void> check_grant(const grant& given);

} // namespace pawl
