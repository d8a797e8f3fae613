// The map of the actors: who they are, and every message between them. Local to one process: what
// crosses a connection is in protocol/messages.hpp. Those of a lane that name no actor are in
// lane_messages.hpp, lane_resumption.hpp (how it ends and goes on) and lane_timers.hpp, those to
// the ROUTE KEEPER in route_messages.hpp, those to an ENGINE CALLER in engine_messages.hpp, those
// to the AUDITOR in auditor_messages.hpp, those about signed tokens in identity_messages.hpp.
//
// An answer that can be refused is a pawl::result; a caf::error means only that the receiver is
// gone or silent, or could never come (refusal_in() of own_thread.hpp). Messages marked INTERNAL an
// actor sends to itself.
#pragma once

#include "actors/auditor_messages.hpp"
#include "actors/engine_messages.hpp"
#include "actors/lane_messages.hpp"
#include "actors/lane_resumption.hpp"
#include "actors/lane_timers.hpp"
#include "actors/route_messages.hpp"
#include "actors/shared_page.hpp"
#include "engines/engine.hpp"
#include "engines/probe.hpp"
#include "persistence/store.hpp"
#include "protocol/messages.hpp"
#include "sources/source_store.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <set>
#include <stop_token>

namespace pawl {

// An answer without a value.
struct done {};

// --- STORE WRITER: the one writer of the store

// INTERNAL. Commit what has gathered in the mailbox.
struct flush_gathered {};

using store_writer_actor = caf::typed_actor<
    // Stores a change, with all others that wait, in one transaction; answers after its flush.
    caf::replies_to<change>::with<result<receipt>>, caf::reacts_to<flush_gathered>>;

// --- JOURNAL and its VIEWERS

// From the STORE WRITER, after a commit: these journals have grown, or their deployments settled,
// and deployments of these lanes have moved.
struct store_advanced {
  std::set<std::string> journals; // by deployment
  std::set<lane_key> lanes;
};

// The client can take so many more events, or lines of a log.
struct viewer_credit {
  std::uint32_t events = 0;
};

// A viewer, as its session sees it: it sends a client the events or log lines that it follows.
using sender_actor = caf::typed_actor<caf::reacts_to<viewer_credit>>;

// The JOURNAL has died, and knows nobody any more: to those whom it told.
struct journal_lost {};

// One for each followed journal of a session: reads the store as far as its credit goes.
using viewer_actor = caf::typed_actor<caf::reacts_to<journal_grown>, caf::reacts_to<viewer_credit>,
                                      caf::reacts_to<journal_lost>>;

struct watch_journal {
  std::string deployment;
  viewer_actor viewer;
};

struct lane_moved {
  lane_key lane;
};

// INTERNAL. The engine says that there is more to read of an instance's log.
struct log_grown {
  std::string instance;
};

// One for each lane whose output a session reads: reads the logs as far as its credit goes.
using log_viewer_actor = caf::typed_actor<
    // The lane may have other instances now.
    caf::reacts_to<lane_moved>, caf::reacts_to<log_grown>, caf::reacts_to<viewer_credit>,
    caf::reacts_to<journal_lost>>;

struct watch_lane {
  lane_key lane;
  log_viewer_actor viewer;
};

// From a new STORE WRITER: what the one before stored last, it may have told nobody.
struct all_may_have_advanced {};

// Tells viewers that there is more to read. It keeps no events: a viewer that does not read costs
// nothing.
using journal_actor =
    caf::typed_actor<caf::reacts_to<store_advanced>, caf::reacts_to<all_may_have_advanced>,
                     // Tell this viewer of every advance of that journal; and once now.
                     caf::replies_to<watch_journal>::with<done>,
                     // The same for the moves of a lane.
                     caf::replies_to<watch_lane>::with<done>>;

// --- SOURCE WORKER: one for each upload, blocking

struct open_upload {
  std::string deployment;
  std::string app;
  source_facts promised;
};

struct append_upload {
  std::string deployment;
  std::uint64_t offset = 0;
  std::vector<char> bytes;
};

struct verify_upload {
  std::string deployment;
  std::string app;
  std::string digest;
  std::string engine = "process"; // of the cluster: whether it reads a Dockerfile
};

// A verified source: its facts, what its manifest says, and what was found where that says nothing.
struct verified_source {
  source_facts facts;
  manifest settings;
  std::vector<std::string> notes = {}; // a sentence for each choice
};

// Its client sends nothing at present: open_upload goes on with it.
struct close_upload {
  std::string deployment;
};

// Remove what a deployment that has ended, or serves, left behind of its upload and its build.
struct discard_work {
  std::string deployment;
};

using source_worker_actor = caf::typed_actor<
    // Opens an upload; answers with the offset to go on from.
    caf::replies_to<open_upload>::with<result<std::uint64_t>>,
    // Appends; answers with the new offset, and tells its DeploymentActor (upload_moved).
    caf::replies_to<append_upload>::with<result<std::uint64_t>>,
    // Reads the complete upload through and makes it a source.
    caf::replies_to<verify_upload>::with<result<verified_source>>,
    // Holds nothing for the upload but what is in its file. Refuses its parts until it is opened
    // again.
    caf::replies_to<close_upload>::with<done>,
    // Forgets the upload, and with it all that was asked before.
    caf::replies_to<discard_work>::with<done>>;

// --- BUILD WORKER: one for each build, blocking

// One step of a deployment that runs a command of the app or handles what it made. `stop` ends it
// early.
struct build_order {
  build_job job;
  std::stop_token stop;
};

struct push_order {
  build_job job;
  std::stop_token stop;
};

struct release_order {
  instance_spec spec;
  std::stop_token stop;
};

using build_worker_actor = caf::typed_actor<
    // Builds; its output goes into the journal while it runs.
    caf::replies_to<build_order>::with<result<done>>,
    // Stores what was built (building again if nothing complete is there).
    caf::replies_to<push_order>::with<result<artifact>>,
    // Runs the release command.
    caf::replies_to<release_order>::with<result<done>>>;

// --- ENGINE CALLER: one blocking call of an engine or a probe at a time

using engine_caller_actor =
    caf::typed_actor<caf::replies_to<instance_spec>::with<result<instance>>, // start
                     caf::replies_to<stop_instance>::with<result<done>>,
                     caf::replies_to<list_instances>::with<result<std::vector<instance>>>,
                     caf::replies_to<find_artifact>::with<bool>, // whether the engine has it
                     caf::replies_to<probe_instance>::with<probe_answer>,
                     caf::replies_to<find_listening>::with<listening_places>,
                     caf::replies_to<discard_work>::with<done>,
                     caf::replies_to<erase_volume>::with<result<done>>,
                     caf::replies_to<list_leftovers>::with<std::vector<std::string>>,
                     caf::replies_to<tail_instance>::with<std::vector<std::string>>,
                     caf::replies_to<read_log>::with<read_page>>;

// --- ACTIVATION WORKER: starts instances and waits until they are healthy

struct activation_order {
  std::vector<instance_spec> specs;
  health_settings health;
  std::string deployment; // whose journal is told
  bool warm = false;      // they run: one check of each, and the first that fails ends it
};

// INTERNAL.
struct probe_due {
  std::size_t index = 0;
};
struct health_deadline_passed {};
// INTERNAL. An instance that is not checked has run for its settle time.
struct settle_passed {
  std::size_t index = 0;
};

using activation_worker_actor = caf::typed_actor<
    // Starts the instances that do not run, and answers when each passed its checks, or with
    // unhealthy: after the deadline, or as soon as one of them has exited. Tells what it sees to
    // its DeploymentActor (journal_note).
    caf::replies_to<activation_order>::with<result<std::vector<instance>>>,
    caf::reacts_to<instance_exited>, caf::reacts_to<probe_due>, caf::reacts_to<settle_passed>,
    caf::reacts_to<health_deadline_passed>>;

// --- HEALTH CHECKER: one for each instance that serves, while it is watched

struct check_regularly {
  std::string deployment;
  std::string name; // of the instance
  std::string address;
  health_settings health;
};

using health_checker_actor = caf::typed_actor<
    // Asks the instance once in each interval, until it is ended; tells its DeploymentActor each
    // answer (instance_checked).
    caf::reacts_to<check_regularly>, caf::reacts_to<probe_due>>;

// --- ROUTE KEEPER: the one that speaks to the router

using route_keeper_actor = caf::typed_actor<
    // Makes the router's routes exactly these.
    caf::replies_to<restore_routes>::with<result<done>>,
    // Switches one lane; answers when the router has confirmed it.
    caf::replies_to<switch_route>::with<result<done>>,
    // A deployment's instances are to be stopped, and clients that kept them find others.
    caf::replies_to<let_clients_go>::with<result<done>>,
    // A deployment's instances are drained, or are to be stopped, and leave the router: when this
    // has succeeded, it sends them nothing, whatever was lost of an earlier switch.
    caf::replies_to<forget_route>::with<result<done>>, caf::reacts_to<router_down>,
    caf::reacts_to<retry_restore>,
    // Answers when all that it was asked for before has been done, or refused.
    caf::replies_to<await_switches>::with<result<done>>>;

// --- DEPLOYMENT ACTOR: one for each lane; decides everything in it

// There is a deployment; and where its source is still awaited, whom to send it to, from which
// offset on.
struct admitted {
  pawl::deployment deployment;
  std::uint64_t upload_offset = 0;
  source_worker_actor uploads = {};
  std::uint64_t upload_bytes = 0; // when all of it is there
  // A configuration that no deployment was made for: its number. Of the deployment only the lane is
  // there then.
  config_number staged = 0;
};

// The lane as a SESSION has it: a client's requests.
using lane_requests_actor =
    caf::typed_actor<caf::replies_to<start_deploy>::with<result<admitted>>,
                     caf::replies_to<start_release>::with<result<admitted>>,
                     // Answers when the deployment is cancelled, or cannot be.
                     caf::replies_to<cancel_deployment>::with<result<deployment>>,
                     caf::replies_to<plan_rollback>::with<result<protocol::planned>>,
                     // Answers when the lane's instances have ended.
                     caf::replies_to<destroy_lane>::with<result<protocol::destroyed>>,
                     caf::replies_to<remove_volume>::with<result<protocol::volume_removed>>,
                     caf::replies_to<describe_lane>::with<protocol::lane_view>,
                     caf::replies_to<describe_processes>::with<result<protocol::process_list>>,
                     // Answers when the counts are stored.
                     caf::replies_to<scale_lane>::with<result<protocol::process_list>>,
                     // Answers when the lane's instances have ended.
                     caf::replies_to<stop_lane>::with<result<protocol::process_list>>,
                     caf::replies_to<start_lane>::with<result<protocol::process_list>>,
                     caf::replies_to<restart_process>::with<result<protocol::process_list>>,
                     caf::replies_to<configure_lane>::with<result<admitted>>>;

// The lane as its workers have it: their reports.
using lane_reports_actor =
    caf::typed_actor<caf::reacts_to<upload_moved>, caf::reacts_to<journal_note>,
                     caf::reacts_to<instance_checked>>;

// The lane as the SUPERVISOR has it, beside the requests that it passes on to sessions.
using lane_supervision_actor = caf::typed_actor<
    caf::reacts_to<resume_lane>,
    // Answers when the deployment has moved, or when the server has survived its resumption.
    caf::replies_to<take_turn>::with<result<done>>, caf::reacts_to<instance_exited>>;

// INTERNAL, all of them (lane_timers.hpp).
using lane_timers_actor = caf::typed_actor<
    caf::reacts_to<deadlines_due>, caf::reacts_to<notes_due>, caf::reacts_to<idle_passed>,
    caf::reacts_to<resumption_survived>, caf::reacts_to<drain_passed>, caf::reacts_to<warm_passed>,
    caf::reacts_to<give_up_warm>, caf::reacts_to<restart_instance>, caf::reacts_to<watch_passed>,
    caf::reacts_to<repeat_step>, caf::reacts_to<stop_again>, caf::reacts_to<leave_router_again>,
    caf::reacts_to<discard_again>, caf::reacts_to<restore_route_again>,
    caf::reacts_to<surplus_drained>, caf::reacts_to<close_route_again>>;

// All of it: the SUPERVISOR makes it, and gives it away as one of its roles.
using deployment_actor =
    lane_requests_actor::extend_with<lane_reports_actor, lane_supervision_actor, lane_timers_actor>;

// --- SUPERVISOR: owns the lanes and brings back what died

enum class lane_search : std::uint8_t {
  any,  // it begins if there is none yet
  used, // not_found for one that was never deployed to
};

struct find_lane {
  lane_key lane;
  lane_search which = lane_search::any;
};

struct look_at_lane {
  lane_key lane;
};

// A lane beside its records in the store: its actor; or, at rest, the instances that it serves
// with; or nothing.
struct lane_presence {
  lane_requests_actor actor = {};
  std::optional<service_at_rest> rests = {};
};

// The server begins: the engines and the router answer, then every lane with work goes on.
struct begin_recovery {};
// INTERNAL. The back-off of a lane that died has passed; or of an actor that everybody works with.
struct revive_lane {
  lane_key lane;
};
struct revive_shared {
  std::size_t which = 0;
};
// INTERNAL. Uploads and builds that no deployment owns may be left, and are looked for (again).
struct discard_unowned_due {};

using supervisor_actor = caf::typed_actor<
    // The lane's DeploymentActor, once the server has recovered; not_found for an unknown cluster.
    // A lane at rest is brought back.
    caf::replies_to<find_lane>::with<result<lane_requests_actor>>,
    // The lane as it is, without bringing it back; answered once the server has recovered.
    // data_corruption for one that is left alone.
    caf::replies_to<look_at_lane>::with<result<lane_presence>>,
    // An instance that serves has ended: passed to its lane, which is brought back if it rests.
    caf::reacts_to<instance_exited>, caf::reacts_to<lane_rests>,
    // Answers when all lanes have been told to go on; with what failed if the engines or the router
    // do not answer.
    caf::replies_to<begin_recovery>::with<result<done>>, caf::reacts_to<revive_lane>,
    caf::reacts_to<revive_shared>, caf::reacts_to<discard_unowned_due>>;

} // namespace pawl

#include "actors/message_types.hpp"
