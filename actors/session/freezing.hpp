// The freezes that a session's client sets and lifts. The STORE WRITER commits them; the lanes find
// them in present_freezes, where they are before the client has its answer.
#pragma once

#include "actors/session/session_context.hpp"

namespace pawl {

class freezing {
public:
  // The context outlives this.
  explicit freezing(session_context& context) : context_(context) {}

  // `asked` is the request for the audit journal.
  //
  // Answers with `frozen` when it is on disk. invalid_argument for an end in the past; not_found
  // for a cluster that this server does not have. The app was looked for before.
  void set(std::uint64_t ref, const protocol::freeze_request& request, audit_record asked);

  // Answers with `unfrozen`; not_found if there is no freeze of exactly this scope.
  void lift(std::uint64_t ref, const protocol::unfreeze_request& request,
            const audit_record& asked);

private:
  result<void> check(const protocol::freeze_request& request) const;
  error seen_of(const audit_record& asked, const error& why) const;
  void commit(std::uint64_t ref, change wanted, const audit_record& asked);

  session_context& context_;
};

} // namespace pawl
