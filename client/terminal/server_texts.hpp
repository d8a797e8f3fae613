// The servers of a person, and who the person is to one of them, as people read it. Each function
// gives whole lines.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/json/documents.hpp"

namespace pawl::client {

std::string servers_text(const std::vector<json::listed_server>& all, const look& how);

// "alice (admin)".
std::string short_whoami_text(const protocol::whoami& who);

std::string whoami_text(const protocol::whoami& who, const look& how);

} // namespace pawl::client
