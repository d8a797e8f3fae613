// Why a lane refuses a request, as its client reads it.
#pragma once

#include "lifecycle/cluster.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/request_subject.hpp"

namespace pawl {

// --- of a new deployment

// Another one is in flight or waits.
error busy_with(const deployment& d);
error queue_is_full(const lane_key& lane, std::size_t queued);
error source_too_large(std::uint64_t bytes, std::uint64_t most);
error too_many_uploads();
// The same of a deployment that waits already, and whose client wants to go on.
error no_place_to_go_on(const deployment& waiting);
// The request id belongs to this deployment, from whose request this one differs in that part.
error request_id_taken(const deployment& by, const request_subject& asked, subject_part differs);
// The router does not say whether it sends requests to the deployment, whose switch failed.
error switch_undecided(const lane_key& lane, const std::string& deployment);

// --- of a version that was released before

error never_live(const lane_key& lane, std::string_view version);
error live_already(const lane_key& lane, version_number version);
error built_for_other_engine(const version_record& version, const cluster_settings& cluster);
error artifact_is_gone(std::string_view app, version_number version);
error nothing_to_roll_back(const lane_key& lane);
error no_earlier_version(const lane_key& lane);

// --- of a destruction

error never_deployed(const lane_key& lane);
// A deployment is in flight or waits, which has to end first.
error still_deploying(const deployment& d);

// --- of the removal of a volume

error volume_may_be_needed(const deployment& d);
error volume_in_use(const std::string& name, const deployment& by);

// --- of a change of processes

// No deployment is active.
error nothing_active(const lane_key& lane);
error is_stopped(const lane_key& lane);

// --- of a cancel

error nothing_to_cancel(const lane_key& lane);
error ended_already(const deployment& d);
error switched_already(const deployment& d);

} // namespace pawl
