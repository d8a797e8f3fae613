// Freezes and the audit journal as text.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/auditing.hpp"

namespace pawl::client {

std::string frozen_text(const protocol::frozen& what, const look& how);
std::string unfrozen_text(const protocol::unfrozen& what, const look& how);
std::string audit_text(const protocol::audit_list& list, const look& how);

// By whom a lane is frozen, until when, and why; one line without its end.
std::string freeze_text(const lane_freeze& frozen);

} // namespace pawl::client
