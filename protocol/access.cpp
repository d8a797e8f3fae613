#include "protocol/access.hpp"

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

result<void> check(const token_list_request& m) {
  return optional_text("a cursor", m.cursor, limits::cursor_bytes);
}

result<void> check(const token_revoke_request& m) {
  return check_name("token", m.name);
}

} // namespace pawl::protocol
