// Answers that only read: from the store to the messages of the protocol. Pure functions of what
// the store (and for versions the engines) holds; each takes short reading transactions and keeps
// nothing.
#pragma once

#include "engines/engine.hpp"
#include "persistence/store.hpp"
#include "protocol/messages.hpp"

#include <functional>

namespace pawl::listing {

result<deployment> show(const store& records, std::string_view id_or_prefix);

// Fewer than asked for, and a cursor, where the page would not fit a frame. A record that cannot be
// read, or that no answer can carry, is named in it; the others are shown.
result<protocol::history_list> history(const store& records,
                                       const protocol::history_request& request);

// As a page of the history.
result<protocol::audit_list> audit(const store& records, const protocol::audit_request& request);

// How fast a version can be live again; one look at a disk at most.
using readiness_look = std::function<readiness(const version_record&)>;

// Newest first within an app; apps by name; at most limits::versions_page, and a cursor where there
// are more. invalid_argument for a cursor that was not given out.
result<protocol::version_list> versions(const store& records,
                                        const protocol::versions_request& request,
                                        const readiness_look& look);

// The volumes of all engines; takes limits::volumes_measured_for, at most.
using volumes_look = std::function<result<std::vector<volume>>()>;

// By app, cluster and name; those of lanes that the store does not show are left out.
result<protocol::volume_list>
volumes(const store& records, const protocol::volumes_request& request, const volumes_look& look);

// The questions of listings to the engines.
struct engine_looks {
  readiness_look readiness;
  volumes_look volumes;
};

result<protocol::app_list> apps(const store& records);

// not_found, for an app that was never deployed.
error no_app(const std::string& app);

// That the lane was ever used; not_found, saying what there is, if it was not.
result<void> known_lane(const store& records, const lane_key& lane);

// How far a page of `status` went: the last lane; and if very many wait in it, the last of them
// that was told.
struct status_place {
  lane_key lane;
  std::string within = {};
};

std::string cursor_after(const status_place& place);

// Where a request goes on; nothing for the first page. invalid_argument for a cursor that was not
// given out.
result<std::optional<status_place>> place_of(const protocol::status_request& request);

// The lanes that a status asks for, by app and cluster, from its place on.
result<std::vector<lane_record>> lanes_from(const store& records,
                                            const protocol::status_request& request,
                                            const std::optional<status_place>& place);

// A lane as far as the store knows it: all but its instances. Its error tells of the first record
// that cannot be shown.
protocol::lane_view lane_from_store(const store& records, const lane_record& lane);

} // namespace pawl::listing
