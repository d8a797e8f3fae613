// The messages to the AUDITOR, which tells the audit journal what clients could fill a disk with,
// and does what the journal needs by the clock.
#pragma once

#include "lifecycle/audit.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace pawl {

// A client at that address has shown no valid credential.
struct login_failed {
  std::string address;
};

// A request that was refused. Answered when its record is on disk, or cannot be; at once if it is
// one of so many that it is only counted.
struct tell_refusal {
  audit_record what;
};
struct refusal_told {};

// The server ends: what is counted of the present minute is told now. Answered when the STORE
// WRITER has it in its mailbox.
struct tell_counts {};
struct counts_told {};

// INTERNAL.
struct audit_minute_passed {};
struct audit_removal_due {};

using auditor_actor =
    caf::typed_actor<caf::reacts_to<login_failed>,
                     caf::replies_to<tell_refusal>::with<refusal_told>,
                     caf::replies_to<tell_counts>::with<counts_told>,
                     caf::reacts_to<audit_minute_passed>, caf::reacts_to<audit_removal_due>>;

} // namespace pawl
