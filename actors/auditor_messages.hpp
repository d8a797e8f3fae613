// The messages to the AUDITOR, which does what the audit journal needs by the clock.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <string>

namespace pawl {

// A client at that address has shown no valid credential.
struct login_failed {
  std::string address;
};

// INTERNAL.
struct failed_logins_due {};
struct audit_removal_due {};

using auditor_actor =
    caf::typed_actor<caf::reacts_to<login_failed>, caf::reacts_to<failed_logins_due>,
                     caf::reacts_to<audit_removal_due>>;

} // namespace pawl
