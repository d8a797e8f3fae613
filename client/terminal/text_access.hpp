// Tokens as people read them; each function gives whole lines.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/messages.hpp"

namespace pawl::client {

std::string tokens_text(const protocol::token_list& list, timestamp now, const look& how);
std::string token_revoked_text(const protocol::token_revoked& gone, const look& how);

// With the token itself, on a line of its own: it is shown once.
std::string token_created_text(const protocol::token_created& made, const look& how);

} // namespace pawl::client
