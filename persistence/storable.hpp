// Checks of values that do not depend on the store's content.
#pragma once

#include "persistence/store.hpp"

namespace pawl {

// invalid_argument for a change that no store could accept: a malformed id, name or request id; a
// value that a record cannot hold, or that no answer could carry (protocol::check_fits_answers());
// the same deployment twice; a version for a deployment that is not in the change; an event with a
// number; a token without a digest. An empty request_id is valid: it claims nothing.
result<void> check_storable(const change& wanted);

// resource_exhausted, for a token more than limits::tokens.
error no_room_for_token();
// A freeze has a reason and somebody who asked for it; its scope has names, if any.
error no_room_for_freeze();
// not_found: the lane has no such revision of its configuration, or no more.
error no_configuration(const lane_key& lane, config_number number);
// Where the change has a lane: its number of configurations is the stored one's, or the next with a
// configuration in the change.
result<void> check_configs(const change& wanted, config_number stored);
// not_found: there is no freeze of exactly this scope; the message names some that there are.
error not_frozen(const freeze_scope& scope, const std::vector<freeze_record>& known);

// Whether the text can be the name of a stored app or cluster; for queries, which may have any
// text.
bool is_storable_name(std::string_view text);

} // namespace pawl
