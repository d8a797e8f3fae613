// The processes of an app, as text.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/serving.hpp"

namespace pawl::client {

std::string processes_text(const protocol::process_list& list, const look& how);

} // namespace pawl::client
