#include "protocol/access.hpp"

#include "lifecycle/ip_address.hpp"
#include "lifecycle/token.hpp"
#include "protocol/checks.hpp"

namespace pawl::protocol {

using namespace checks;

result<void> check(const token_create_request& m) {
  if (m.expires_in && m.never_expires)
    return wrong("a token that never expires has no time after which it does: leave one out");
  if (m.expires_in &&
      (*m.expires_in < limits::token_expiry_least || *m.expires_in > limits::token_expiry_most))
    return wrong("a token expires after 1 minute to 10 years, or never");
  return first_error(check_name("token", m.name), check_grant(m.grant));
}

// `pawl` shows the place in a command that a person may copy.
result<void> check(const token_created& m) {
  if (m.server && (canonical_endpoint(m.server->address) != m.server->address ||
                   !is_digest(m.server->fingerprint)))
    return wrong("the place of a server is IP:PORT, and its fingerprint sha256: and 64 digits");
  return {};
}

result<void> check(const token_list_request& m) {
  return optional_text("a cursor", m.cursor, limits::cursor_bytes);
}

result<void> check(const token_revoke_request& m) {
  return check_name("token", m.name);
}

} // namespace pawl::protocol
