// Every bound of the system, with the reason for its number; the assertions at the end relate them.
// These are the ceilings and the defaults: the settings that an operator may change are in
// cluster.hpp and in the server's configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pawl::limits {

using namespace std::chrono_literals;

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;
inline constexpr std::uint64_t gib = 1024 * std::uint64_t{mib};

// --- names
inline constexpr std::size_t name_bytes = 40; // app, cluster: a DNS label with room for a suffix
inline constexpr std::size_t deployment_id_random = 8; // characters of base 32: 40 random bits
inline constexpr std::size_t deployment_id_time = 9;   // and 45 bits of time in ms, until 3084
inline constexpr std::size_t deployment_id_bytes = deployment_id_random + deployment_id_time;
inline constexpr std::size_t request_id_bytes = 64;
inline constexpr std::size_t host_name_bytes = 253;   // DNS
inline constexpr std::size_t message_bytes = 4 * kib; // the text of -m
inline constexpr std::size_t git_field_bytes = 4 * kib;
inline constexpr std::size_t error_message_bytes = 8 * kib;
inline constexpr std::size_t error_details = 32;   // of one error
inline constexpr std::size_t error_key_bytes = 64; // of one of them

// --- the wire
inline constexpr std::size_t chunk_bytes =
    256 * kib; // one upload chunk: measured best with a window of 4
inline constexpr std::size_t upload_window = 4; // chunks that may be unacknowledged
inline constexpr std::size_t digest_backlog =
    4 * chunk_bytes; // of an upload, written and not yet digested
inline constexpr std::size_t frame_bytes =
    1 * mib; // the longest frame, its 4 length bytes not counted
inline constexpr std::size_t hello_frame_bytes =
    8 * kib; // the same of a peer to which nothing was answered yet
inline constexpr std::size_t frame_depth = 16;        // nesting of msgpack containers
inline constexpr std::size_t frame_elements = 20'000; // members of one msgpack container
inline constexpr std::size_t frame_containers =
    20'000; // arrays and maps of one frame: what unpacking it may cost
inline constexpr std::size_t record_members = 256; // of one list in a record: transitions, details
inline constexpr std::size_t program_bytes = 128;  // a program's name and version, in its hello
inline constexpr std::size_t token_bytes = 4 * kib;
inline constexpr std::size_t cursor_bytes = 512;
inline constexpr std::size_t commit_bytes = 64;     // hexadecimal digits of a commit's name
inline constexpr std::size_t frames_in_work = 8;    // read from a connection, not yet handled
inline constexpr std::size_t requests_in_work = 32; // of one session, not yet answered
inline constexpr std::size_t follows_per_session = 8;
inline constexpr std::uint32_t event_credit = 1024; // events that a viewer may be sent ahead
inline constexpr std::size_t connections = 4096;
inline constexpr std::size_t connections_of_owner =
    16; // of `connections`, for root and the server's own user: nobody locks them out
inline constexpr std::size_t unsent_bytes =
    16 * mib; // written for a peer that does not read; past it, the peer is cut off
inline constexpr std::size_t unread_bytes =
    16 * mib; // received by a client that does not take it; past it, the server broke its credit
inline constexpr auto close_timeout = 2s;   // for the last bytes of a connection that is closed
inline constexpr auto accept_pause = 100ms; // when no descriptor is left for a new connection
inline constexpr auto hello_timeout = 5s;   // a connection that says nothing is closed after it
inline constexpr auto ping_interval = 5s;
inline constexpr auto silence_timeout = 25s; // a peer that said nothing for so long is dead
inline constexpr auto connect_timeout = 5s;

// --- clients of the network, before anything is known of them
inline constexpr std::size_t connections_kept =
    256; // of `connections`, for the socket: the network cannot lock the operator out
inline constexpr auto trust_timeout = 10s; // for the TLS handshake and the first request together
inline constexpr std::size_t strangers_per_address =
    64; // connections of one address that have not authenticated
inline constexpr std::size_t failed_logins = 20; // of one address in one failed_logins_time
inline constexpr auto failed_logins_time = 1min;
inline constexpr std::size_t addresses_watched = 4096; // for which failed logins are counted
inline constexpr std::size_t client_hello_bytes =
    16 * kib; // of one message of a TLS handshake: OpenSSL takes memory for all of it at once
inline constexpr std::size_t certificate_file_bytes = 256 * kib;
inline constexpr auto certificate_look = 1s; // between two looks at the files' times
inline constexpr unsigned certificate_retry_looks =
    64; // at most, between two reads of files that could not be used
inline constexpr auto strangers_report = 1min;            // between two lines of the log about them
inline constexpr std::size_t http_header_bytes = 8 * kib; // a request's line and its fields
inline constexpr std::size_t http_read_bytes = 2 * kib;   // read at once
// A request's body that nobody reads is taken and dropped before the connection is closed, because
// TCP drops an answer that is under way to a client whose bytes were left unread. A body that is
// larger, or slower, may lose its answer.
inline constexpr std::size_t http_dropped_bytes = 4 * mib;
inline constexpr auto http_drop_timeout = 5s; // lingering_timeout of nginx

// --- access
inline constexpr std::size_t tokens = 1000;         // all are in memory
inline constexpr std::size_t user_name_bytes = 512; // a user, a CN, an issuer and its subject
inline constexpr std::size_t granted_names = 64;    // apps, and clusters, that one grant names
inline constexpr std::size_t tokens_page = 100;     // of a list: those with the longest grants fit
inline constexpr auto token_expiry = 24h * 90;      // unless the creator says otherwise
inline constexpr auto token_expiry_least = 1min;
inline constexpr auto token_expiry_most = 24h * 3653; // or never
inline constexpr auto token_use_noted = 1h; // a token's last use is stored so often at most
inline constexpr auto credential_look =
    10min; // an open connection looks whether its credential has ended: the clock may be set
inline constexpr std::size_t prefix_scan =
    1000; // ids with a prefix that are looked at for somebody who sees only some of them

// --- issuers of signed tokens: CI systems
inline constexpr std::size_t issuers = 16;
inline constexpr std::size_t issuer_rules = 256;
inline constexpr std::size_t issuer_claims = 16;       // of one rule
inline constexpr std::size_t issuer_text_bytes = 1024; // a URL, an audience, a claim of a rule
inline constexpr std::size_t issuer_keys =
    64; // the large ones have under ten; the rest is not read
inline constexpr std::size_t issuer_document_bytes =
    256 * kib;                                       // of 64 keys with their certificates
inline constexpr auto issuer_timeout = 3s;           // for both of its documents together
inline constexpr auto issuer_patience = 4s;          // until a fetch that hangs is given up
inline constexpr auto issuer_keys_pause = 1min;      // between two fetches
inline constexpr auto issuer_keys_fresh = 1h;        // then they are fetched anew
inline constexpr auto issuer_keys_kept = 24h;        // while the issuer does not answer
inline constexpr auto issuer_clock_leeway = 1min;    // a token may begin so much later than now
inline constexpr std::size_t issuer_key_bits = 2048; // of an RSA key at least
inline constexpr std::size_t logins_waiting = 256;   // for the keys of one issuer
inline constexpr auto refusals_report = 1min; // between two lines of the log about one issuer's

// --- journals
inline constexpr std::size_t log_line_bytes =
    8 * kib; // longer lines are cut into lines of this length
inline constexpr std::size_t log_batch_bytes = 64 * kib; // packed into one stored value
inline constexpr auto log_batch_delay = 100ms;           // how long a line waits for company
inline constexpr std::size_t journal_bytes =
    16 * mib; // of all events of a deployment: those past it are left out, and counted
inline constexpr std::size_t journal_reserve = 64 * kib;     // past it, for warnings
inline constexpr std::size_t journal_page_bytes = 128 * kib; // one read for a viewer
inline constexpr std::size_t journal_page_events = 512;
inline constexpr std::size_t failure_log_lines = 50; // kept in the details of a failure
inline constexpr std::size_t failure_log_bytes =
    160 * kib; // of them together: fewer are kept of very long ones
inline constexpr std::size_t error_details_bytes =
    168 * kib; // of all values in the details of an error: most of it for those lines
inline constexpr std::size_t record_text_bytes =
    256 * kib; // of all texts in a record: every answer can carry it

// --- listings
inline constexpr std::size_t history_page_default = 20;
inline constexpr std::size_t history_page_max = 1000;
inline constexpr std::size_t lanes_page = 50;     // of a status: each asks an actor
inline constexpr std::size_t versions_page = 500; // of all apps together
inline constexpr std::size_t history_scan_max =
    20'000; // records looked at for one page of a rare filter

// --- sources
inline constexpr std::uint64_t source_bytes = 2 * gib; // default of [limits] upload_bytes
inline constexpr std::uint64_t large_source_bytes =
    100 * mib; // a larger source is rarely intended: pawl names its largest files
inline constexpr std::uint64_t build_disk_bytes =
    10 * gib; // default of [limits] build_disk: a large node_modules or target takes 2 to 4 GiB
inline constexpr std::uint64_t disk_reserve =
    256 * mib; // of the file system, left by builds to records, journals and logs
inline constexpr std::uint64_t file_overhead_bytes =
    4 * kib; // what each file, directory and link counts for beside its contents: a block, an inode
inline constexpr std::size_t source_entries = 200'000;
inline constexpr std::size_t source_names_bytes =
    64 * mib; // of all paths; a node_modules of 200'000 files has some 20 MiB
inline constexpr std::size_t source_path_bytes = 4096;
inline constexpr std::size_t source_component_bytes = 255;
inline constexpr std::size_t source_path_depth = 128;
inline constexpr std::size_t manifest_bytes = 64 * kib;
inline constexpr std::size_t dockerignore_bytes = 64 * kib;
inline constexpr std::size_t dockerignore_patterns =
    1000; // each is compared with each path of the source
inline constexpr std::uint64_t dockerignore_steps =
    1'000'000'000; // for all paths of a source: some seconds, and 100 times what large ones take
inline constexpr std::size_t uploads_at_once = 64;
inline constexpr auto upload_timeout = 2min; // default of [limits] upload_timeout

// --- images
inline constexpr std::size_t image_name_bytes =
    512; // a repository has 255 at most, a tag 128, a digest 71
inline constexpr std::size_t build_target_bytes = 128; // the name of a stage of a Dockerfile
inline constexpr std::size_t build_args = 128;
inline constexpr std::size_t container_user_bytes = 64; // a name, or a number and that of a group
inline constexpr std::size_t registries = 64;           // whose credentials the server has
inline constexpr std::size_t registry_user_bytes = 256;
inline constexpr std::size_t registry_password_bytes =
    16 * kib; // the keys and tokens that clouds give have 2 to 5 KiB

// --- lanes
inline constexpr std::size_t queued_deployments = 20; // default of [limits] queued
inline constexpr std::size_t builds_at_once = 4;      // builds beyond it wait for a worker
inline constexpr std::size_t instances_per_lane = 64; // of all its processes together
inline constexpr std::size_t processes = 16;          // of an app, beside "web"
inline constexpr std::size_t process_name_bytes =
    40; // with a deployment's id, a name of an instance
inline constexpr std::size_t volumes_per_app = 16;
inline constexpr std::size_t volume_path_bytes = 255;
inline constexpr std::size_t volumes_listed = 1000; // in one answer
inline constexpr auto volumes_measured_for = 2s;    // to sum up what they hold
inline constexpr auto lane_idle = 30s; // a lane with nothing to decide has no actor after it

// --- variables of a lane
inline constexpr std::size_t variable_name_bytes = 255;
inline constexpr std::size_t variable_bytes = 64 * kib;   // one value
inline constexpr std::size_t variables_bytes = 256 * kib; // all names and values of a revision
inline constexpr std::size_t variables = 1000;
inline constexpr std::size_t config_revisions =
    200; // of a lane that are kept: the older ones go, but for those that a deployment needs
inline constexpr std::size_t config_page = 50; // revisions of a list
inline constexpr std::size_t config_search =
    50; // revisions in a row that failed, until nothing is looked for behind them
inline constexpr std::size_t secret_redacted_bytes = 8; // shorter ones would be found everywhere
inline constexpr std::size_t build_secrets = 64;        // that one manifest names

// --- deadlines: every state that is not final has one
inline constexpr auto queued_deadline = 24h;
inline constexpr auto preparing_deadline =
    6h; // an upload that makes progress; a stalled one has upload_timeout
inline constexpr auto build_timeout = 30min; // default of [build] timeout
inline constexpr auto build_timeout_max = 24h;
inline constexpr auto build_wait = 1h;    // for one of builds_at_once
inline constexpr auto build_grace = 1min; // past the build's own timeout: the worker is stuck
inline constexpr auto pushing_deadline = 15min;
inline constexpr auto release_timeout = 10min; // default of [release] timeout
inline constexpr auto activation_grace = 1min; // past the health deadline: starting, and the switch
inline constexpr auto switch_timeout = 30s;
inline constexpr auto resume_patience =
    1min; // what a server that starts leaves of a deadline at least: the outage may have been long
inline constexpr auto cancel_polite = 5s; // from SIGTERM to SIGKILL
inline constexpr std::size_t rollback_search =
    10'000; // deployments looked at for the version before
inline constexpr auto cancelling_deadline = 1min;
inline constexpr auto stop_timeout = 10s; // default of [run] stop_timeout
inline constexpr auto stop_timeout_max = 10min;
inline constexpr auto destroy_patience =
    stop_timeout_max + 1min; // until the instances of a lane have ended, and the router has told
inline constexpr auto settle = 2s; // default of [process.NAME] settle
inline constexpr auto settle_max = 10min;
inline constexpr auto drain = 10s;        // default of [cluster] drain
inline constexpr auto watch_period = 30s; // default of [cluster] watch_period
inline constexpr auto warm = 10min;       // default of [cluster] warm
inline constexpr std::uint64_t warm_memory =
    1 * gib; // default of [cluster] warm_memory: the instances of two versions with one of 512M
inline constexpr std::uint32_t warm_yields =
    3; // tries of an activation after the warm instances were given up for it: they end meanwhile

// --- health
inline constexpr auto health_interval = 500ms;
inline constexpr auto first_health_pause =
    20ms; // before the second check; doubled up to the interval: a program starts in some 50 ms
inline constexpr auto health_timeout = 2s;
inline constexpr std::uint32_t healthy_threshold = 2;
inline constexpr auto health_deadline = 60s;
inline constexpr std::uint32_t watch_failures = 3; // checks in a row, after activation: unhealthy
inline constexpr std::uint32_t watch_ends = 3;     // exits within one watch_period: unhealthy
inline constexpr std::uint32_t health_events =
    20; // of one instance's checks in a journal: an app may answer otherwise each time; the rest is
        // one event, with their number
inline constexpr std::size_t health_body_bytes = 16 * kib; // of an answer; the rest is not read
inline constexpr std::size_t listening_descriptors =
    20'000; // looked at to see where an instance listens: some 20 ms, and more than apps have

// --- supervision
inline constexpr auto request_timeout =
    30s; // of requests between actors that a local actor answers
inline constexpr auto restart_backoff_first = 100ms;
inline constexpr auto restart_backoff_max = 30s;
inline constexpr auto retry_pause = 5s; // until a router or an engine that refused is asked again
inline constexpr std::uint32_t worker_deaths_max = 3; // in one step of a deployment
inline constexpr std::uint32_t resumes_max = 3; // of a deployment that crashed the server in a row
inline constexpr auto resume_trial =
    10s; // a server that runs for so long after resuming a deployment was not crashed by it
inline constexpr auto spare_thread_time =
    2s; // a thread for blocking work that nobody needed for so long ends
inline constexpr auto recovery_timeout = 2min; // listing the engines, and starting the router
inline constexpr auto shutdown_timeout = 8s;   // SIGTERM to exit is at most 10 s

// --- what instances print
inline constexpr std::size_t instance_name_bytes = 64;   // a deployment's id and a number
inline constexpr std::size_t log_lines_default = 100;    // of each instance: pawl logs without -n
inline constexpr std::size_t log_lines_max = 10'000;     // of each instance
inline constexpr std::size_t log_page_bytes = 128 * kib; // one read for a viewer
inline constexpr std::size_t log_page_lines = 512;
inline constexpr std::size_t log_places = 256; // logs that one request goes on reading

// --- freezes and the audit journal
inline constexpr std::size_t freezes = 1000;         // at once: each deploy looks through them
inline constexpr std::size_t reason_bytes = 1 * kib; // of a freeze, or of overriding one
inline constexpr std::size_t audit_name_bytes = 512; // of a name in a record: who, what, where
inline constexpr std::size_t audit_detail_bytes = 1 * kib;
inline constexpr auto audit_keep = 400 * 24h; // default of [audit] keep
inline constexpr auto audit_keep_max = 100 * 366 * 24h;
inline constexpr std::size_t audit_removed_at_once =
    1000; // records that are too old, in one commit: some 10 ms
inline constexpr auto audit_first_removal = 1min;  // after the start, which it does not delay
inline constexpr auto audit_removal_interval = 1h; // between two looks for those
inline constexpr auto audit_minute = 1min;         // what is only counted is told after it
inline constexpr std::size_t failed_login_addresses =
    32; // each counted by itself in a minute, and others together: at most 10 MB a day
inline constexpr std::size_t audited_users = 1024; // of refusals in a minute, the same
inline constexpr std::size_t audited_refusals =
    20; // of a user in a minute, each with a record of its own; further ones are counted

// --- the store
inline constexpr std::size_t store_map_bytes = 64 * mib; // the first size of the map; it doubles
inline constexpr unsigned store_map_free_percent = 25;   // it grows when less than this is free
inline constexpr std::size_t store_disk_free =
    8 * mib; // blocks that the file has before it needs them: 8 KiB, two copies of its record and
             // what points to them, for each of 1,000 deployments in flight
// The part of those that is written beforehand, at once: as much as some 100 commits of one
// deployment add, and not so much that the commit that it is flushed with comes late (decision 55).
inline constexpr std::size_t store_written_ahead = 256 * kib;
inline constexpr unsigned store_readers = 512;
inline constexpr std::size_t store_commit_changes = 1024; // in one transaction
// A commit waits for those who took part in the one before, if they were so many at least: it looks
// once in this time, as long as each look finds more of them, and so often at most.
// 500 us is, of 200 to 1500, where 64 lanes need less than 1/20 flush for a move and a request at
// half load waits no longer than with 200.
inline constexpr std::size_t store_commit_siblings = 5; // PostgreSQL's commit_siblings
inline constexpr std::chrono::microseconds store_commit_look{500};
inline constexpr unsigned store_commit_looks = 20;

static_assert(upload_window * chunk_bytes + digest_backlog <= 2 * mib,
              "an upload holds at most this much memory");
static_assert(tokens_page * (2 * granted_names * (name_bytes + 3) + 512) <= frame_bytes,
              "a page of tokens fits a frame");
static_assert(chunk_bytes <= digest_backlog, "a chunk that is written can be digested");
static_assert(program_bytes + token_bytes + kib <= hello_frame_bytes, "a hello fits its frame");
static_assert(chunk_bytes + 4 * kib <= frame_bytes, "a chunk and its envelope fit a frame");
static_assert(journal_page_bytes + log_line_bytes + 64 * kib <= frame_bytes,
              "a page of events fits a frame");
static_assert(log_line_bytes <= failure_log_bytes && failure_log_bytes < error_details_bytes,
              "the last lines of a build are kept whole");
static_assert(error_message_bytes + error_details * error_key_bytes + error_details_bytes +
                      6 * git_field_bytes + message_bytes + 32 * kib <=
                  record_text_bytes,
              "a record with the longest texts, and with names and addresses, can be sent");
static_assert(record_text_bytes <= chunk_bytes, "each string of a record fits those of a frame");
static_assert(3 * record_text_bytes + 64 * kib <= frame_bytes,
              "a lane with an active, a running and a waiting deployment fits a frame");
static_assert(log_line_bytes <= log_batch_bytes);
static_assert(log_page_bytes <= journal_page_bytes && log_line_bytes < log_page_bytes);
static_assert(log_page_lines <= event_credit);
static_assert(2 * instances_per_lane <= log_places);
static_assert(ping_interval * 4 < silence_timeout,
              "a live peer is heard several times before it is given up");
static_assert(journal_page_events <= event_credit);
static_assert(event_credit * log_line_bytes <= unsent_bytes / 2,
              "a viewer that is slow, and within its credit, is never cut off");
static_assert(close_timeout < shutdown_timeout);
// Beside OpenSSL's own 40 KiB or so.
static_assert(client_hello_bytes + hello_frame_bytes <= 24 * kib,
              "a client that has not authenticated costs 64 KiB at most");
static_assert(http_header_bytes + http_read_bytes <= client_hello_bytes);
static_assert(strangers_per_address < connections - connections_kept);
static_assert(connections_of_owner < connections_kept);
static_assert(issuer_timeout < issuer_patience && issuer_patience < connect_timeout,
              "a client still waits when the server can say that an issuer is silent");
static_assert(cancel_polite < cancelling_deadline);
static_assert(shutdown_timeout < 10s, "the contract of SIGTERM");

} // namespace pawl::limits
