// The variables of a lane as text.
#pragma once

#include "client/terminal/text.hpp"
#include "lifecycle/timestamp.hpp"
#include "protocol/configuring.hpp"

namespace pawl::client {

std::string variables_text(const protocol::variable_list& list, timestamp now, const look& how);
std::string configs_text(const protocol::config_list& list, timestamp now, const look& how);

// Tells of a revision for which no deployment was made.
std::string staged_text(const protocol::configured& done, const look& how);

} // namespace pawl::client
