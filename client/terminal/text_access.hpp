// Tokens as people read them; each function gives whole lines.
#pragma once

#include "client/terminal/text.hpp"
#include "protocol/messages.hpp"

namespace pawl::client {

std::string tokens_text(const protocol::token_list& list, timestamp now, const look& how);
std::string token_revoked_text(const protocol::token_revoked& gone, const look& how);

// The command that connects a machine to the server at this address. Without a fingerprint the
// machine's authorities decide.
std::string login_command(std::string_view address, const std::optional<std::string>& fingerprint);

// With the token itself, on a line of its own: it is shown once. `login` is the command that makes
// use of it.
std::string token_created_text(const protocol::token_created& made, std::string_view login,
                               const look& how);

} // namespace pawl::client
