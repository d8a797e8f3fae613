// Volumes, as a person reads them.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/messages.hpp"

namespace pawl::client {

std::string volumes_text(const protocol::volume_list& list, const look& how);
std::string volume_removed_text(const protocol::volume_removed& gone, const look& how);

} // namespace pawl::client
