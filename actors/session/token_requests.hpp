// The requests of a session that are about tokens.
#pragma once

#include "actors/session/session_context.hpp"

namespace pawl {

class token_requests {
public:
  // The context outlives this.
  explicit token_requests(session_context& context) : context_(context) {}

  // Each answers the request; a change when it is durable, and with it the audit journal's record
  // of it. `asked` is the request for that journal.
  void create(std::uint64_t ref, const protocol::token_create_request& request, audit_record asked);
  void list(std::uint64_t ref, const protocol::token_list_request& request) const;
  void revoke(std::uint64_t ref, const protocol::token_revoke_request& request,
              const audit_record& asked);

  // The one who asks has shown this token: noted, now and then. Nobody waits for it.
  void note_use(token_record token) const;

private:
  std::optional<error> refusal_of_name(const std::string& name) const;
  void revoke(std::uint64_t ref, const std::string& name, const audit_record& asked,
              unsigned tries);
  void store(std::uint64_t ref, change what, const audit_record& asked,
             std::function<void(result<receipt>&)> then);

  session_context& context_;
};

} // namespace pawl
