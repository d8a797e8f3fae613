// Lists that the server sends in pages, read as one list.
#pragma once

#include "client/conversation/conversation.hpp"

namespace pawl::client {

// Asks for the first page and all that follow, and gives one list without a cursor. A list that is
// no longer the same when its second half is read may miss what came or went meanwhile.
result<protocol::lane_list> ask_lanes(conversation& talk, protocol::status_request request);
result<protocol::version_list> ask_versions(conversation& talk, protocol::versions_request request);
result<protocol::token_list> ask_tokens(conversation& talk);

} // namespace pawl::client
