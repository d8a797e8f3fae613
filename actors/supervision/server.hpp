// The parts of the server, and the one place where its actors are started and connected.
#pragma once

#include "actors/identity_messages.hpp"
#include "actors/journal/present_freezes.hpp"
#include "actors/lane/lane_parts.hpp"
#include "actors/session/known_tokens.hpp"
#include "actors/session/user_connections.hpp"
#include "actors/workers/build_worker.hpp"
#include "actors/workers/source_worker.hpp"
#include "lifecycle/access_rules.hpp"
#include "protocol/access.hpp"

#include <caf/actor_system.hpp>

#include <map>
#include <memory>

namespace pawl {

// The implementations that bin/ (or a test) has made, for the actors to use through their
// interfaces.
struct server_parts {
  std::shared_ptr<store> records;
  std::shared_ptr<source_store> sources;
  std::shared_ptr<pawl::router> router;
  std::shared_ptr<pawl::probe> probe;
  std::map<std::string, std::shared_ptr<pawl::engine>> engines; // by kind
  std::vector<cluster_settings>
      clusters; // in the order of the configuration: the first is the default domain's
  manifest_reader read_manifest;
  std::function<timestamp()> now;
  std::function<std::string()> new_id;
  std::function<void(std::string_view)> log; // lines for the operator; any thread
  std::uint64_t upload_bytes_max = limits::source_bytes;
  duration upload_timeout = limits::upload_timeout;
  std::size_t queued_max = limits::queued_deployments;
  duration lane_idle = limits::lane_idle;
  duration audit_keep = limits::audit_keep;
  std::size_t connections_of_users = limits::connections - limits::connections_kept;
  // Called when an actor has died that nobody can replace: has to end the process, and must not
  // return. Any thread.
  std::function<void(std::string_view why)> give_up;
  access_rules access = {};
  std::shared_ptr<const issuer_client> issuers = {}; // asks those of `access`, if there are any
  std::function<secret()> new_token = {};            // another one each time
  // How other machines reach the server now; nothing if it does not listen for them. Any thread.
  std::function<std::optional<protocol::server_place>()> place_for_others = {};
  settings_finder find_settings = {}; // what a manifest leaves open; none: it has to say all
  bool crashed_before = false;        // the server that had this store last: by a fault of its own
};

// The actors that every lane and session works with.
struct server_actors {
  journal_actor journal;
  store_writer_actor writer;
  auditor_actor auditor;
  route_keeper_actor routes;
  supervisor_actor supervisor;
  std::shared_ptr<known_tokens> tokens;
  key_keeper_actor keys; // none where the configuration names no issuer
  std::shared_ptr<build_slots> slots;
  // Read logs: one for each kind of engine, shared by all viewers.
  std::map<std::string, engine_caller_actor> log_readers;
  std::shared_ptr<upload_slots> upload_places;
  std::shared_ptr<service_watches> watches;
  std::shared_ptr<warm_places> warm;
  std::shared_ptr<present_freezes> freezes;
  std::shared_ptr<user_connections> connections;
  std::shared_ptr<unsettled_instances> unsettled = {};
};

server_actors spawn_server(caf::actor_system& system, std::shared_ptr<const server_parts> parts);

// The parts for a lane. Those of a lane whose cluster is not served have `unserved`.
lane_parts parts_of_lane(caf::actor_system& system, const lane_key& lane,
                         const std::shared_ptr<const server_parts>& parts,
                         const server_actors& actors);

// An engine caller for the engine of that kind, which there has to be; a substitute that answers
// with an error (own_thread.hpp) if there is no thread for it.
engine_caller_actor spawn_engine_caller(caf::actor_system& system, const server_parts& parts,
                                        const std::shared_ptr<unsettled_instances>& unsettled,
                                        const std::string& engine);

// The cluster of that name, if this server serves it: it is configured, and its engine is there.
// Otherwise nullptr.
const cluster_settings* served_cluster(const server_parts& parts, std::string_view name);

// The settings that a lane of that cluster is worked with: those of the configuration, or, if this
// server does not serve it, those by which the lane is brought to its end.
cluster_settings settings_of_lane(const server_parts& parts, const lane_key& lane);

} // namespace pawl
