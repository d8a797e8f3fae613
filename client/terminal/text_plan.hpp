// The effect that a rollback would have, as text.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/deploying.hpp"

namespace pawl::client {

std::string plan_text(const protocol::planned& plan, const look& how);

} // namespace pawl::client
