// Answers that only read: from the store to the messages of the protocol. Pure functions of what
// the store holds; each takes short reading transactions and keeps nothing.
#pragma once

#include "persistence/store.hpp"
#include "protocol/messages.hpp"

namespace pawl::listing {

result<deployment> show(const store& records, std::string_view id_or_prefix);

// Fewer than asked for, and a cursor, where the page would not fit a frame.
result<protocol::history_list> history(const store& records,
                                       const protocol::history_request& request);

// Newest first within an app; apps by name; at most limits::versions_page, and a cursor where there
// are more. invalid_argument for a cursor that was not given out.
result<protocol::version_list> versions(const store& records,
                                        const protocol::versions_request& request);

result<protocol::app_list> apps(const store& records);

// That the lane was ever used; not_found, saying what there is, if it was not.
result<void> known_lane(const store& records, const lane_key& lane);

// The lanes that a status asks for, by app and cluster, behind its cursor. invalid_argument for a
// cursor that was not given out.
result<std::vector<lane_record>> lanes_after(const store& records,
                                             const protocol::status_request& request);
std::string cursor_after(const lane_key& lane);

// A lane as far as the store knows it: all but its instances.
protocol::lane_view lane_from_store(const store& records, const lane_record& lane);

} // namespace pawl::listing
