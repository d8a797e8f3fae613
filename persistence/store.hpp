// The store: everything that Pawl remembers, as values of the lifecycle.
//
// Writing: a `change` is applied whole or not at all, and only if every record in it still has the
// revision that it was read with (compare-and-set). The transactions of a distributed store can do
// that too: nothing here needs a lock, a snapshot that lasts, or numbers that only one process can
// give.
//
// Threads: commit() is called by one thread (the store writer); every other function by any thread
// at any time. A reading function sees one consistent snapshot while it runs, and holds nothing
// when it returns.
//
// Errors of every function: data_corruption (a record does not verify; the message names it),
// resource_exhausted (disk or map full), internal (anything else that the disk refused).
#pragma once

#include "lifecycle/audit.hpp"
#include "lifecycle/event.hpp"
#include "lifecycle/freeze.hpp"
#include "lifecycle/host_names.hpp"
#include "lifecycle/lane.hpp"
#include "lifecycle/token.hpp"
#include "lifecycle/variables.hpp"
#include "protocol/packed_events.hpp"

#include <map>
#include <span>

namespace pawl {

// Events to append to a journal. The store numbers them, and leaves out those that are over the
// journal's limit (journal_budget.hpp).
struct journal_append {
  std::string deployment;
  std::vector<event> events; // seq is 0 in each
};

struct change {
  // Each carries the revision that it was read with in internals.revision; 0: none with this id is
  // stored yet. A new deployment also claims its request_id.
  std::vector<deployment> deployments = {};
  // The same rule: revision 0 means that the lane is not stored yet.
  std::optional<lane_record> lane = {};
  // A new version: the store fills in the app's next number here, and in the `version` of the
  // deployment in this change that `version_record::deployment` names.
  std::optional<version_record> version = {};
  // Refused as a whole (invalid_transition) if its deployment has settled before this change.
  std::vector<journal_append> journal = {};
  // Names that lanes claim, or have already: refused (invalid_argument: host_is_taken()) if another
  // lane has one, and a deployment of that lane is active or unfinished.
  std::vector<host_claim> hosts = {};
  // Names that nobody has from now on, before those of `hosts` are claimed.
  std::vector<std::string> released_hosts = {};
  // A token, new or as it was read with other times. The same rule: revision 0 means that none of
  // this name is stored. If limits::tokens are, a new one takes the places of those that had
  // expired when it was made; resource_exhausted if none had.
  std::optional<token_record> token = {};
  // A token that is no longer one, as it was read: refused if it was changed in between.
  std::optional<token_record> revoked_token = {};
  // A freeze, in the place of the one that there is of its scope. Those that were over when it was
  // set are removed. resource_exhausted if there are limits::freezes of other scopes.
  std::optional<freeze_record> freeze = {};
  // A scope for which there is no freeze from now on; not_found if there is none.
  std::optional<freeze_scope> unfrozen = {};
  // Records for the audit journal. Those of one millisecond keep their order.
  std::vector<audit_record> audit = {};
  // Records of the audit journal that are older are removed: the oldest
  // limits::audit_removed_at_once of them at most.
  std::optional<timestamp> audit_kept_since = {};
  // The next revision of a lane's configuration, with the lane in this change, whose `configs` it
  // is. Its secrets are sealed (sealing_store.hpp).
  std::optional<pawl::configuration> configuration = {};
  // Revisions of the same lane that are removed with it.
  std::vector<config_number> dropped_configurations = {};
};

// The change as it is stored: revisions, version and sequence numbers filled in, and without the
// events that were left out.
struct receipt {
  std::vector<deployment> deployments = {};
  std::optional<lane_record> lane = {};
  std::optional<version_record> version = {};
  std::vector<journal_append> journal = {};
  std::optional<token_record> token = {};
  std::optional<token_record> revoked_token = {}; // as it was
  std::optional<freeze_record> freeze = {};
  std::optional<freeze_record> lifted = {};      // the freeze that there is no more
  std::size_t audit_removed = 0;                 // records of the audit journal
  std::vector<token_record> expired_tokens = {}; // that made room for `token`
  std::vector<freeze_record> over_freezes = {};  // of other scopes, removed with `freeze`
  std::optional<pawl::configuration> configuration = {};
};

struct history_query {
  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::optional<pawl::state> state = {};
  std::optional<pawl::operation> operation = {};
  std::optional<std::string> by = {};
  std::optional<std::string> commit_prefix = {}; // of git.sha
  std::optional<version_number> version = {};
  grant seen = {};                                  // only deployments of lanes that it covers
  std::optional<timestamp> since = {};              // created_at >= since
  std::optional<timestamp> until = {};              // created_at < until
  std::size_t limit = limits::history_page_default; // 1 to limits::history_page_max
  std::optional<std::string> cursor = {};           // from the page before; opaque
};

struct history_page {
  std::vector<deployment> deployments = {}; // newest first
  // Where the next page begins. A page for a filter that matches rarely may hold fewer than `limit`
  // deployments, even none, and still have a cursor: it ends after limits::history_scan_max
  // records.
  std::optional<std::string> next_cursor = {};
  // data_corruption for each record of this page that cannot be read; the others are in it.
  std::vector<error> damaged = {};
};

struct audit_query {
  std::optional<std::string> app = {};
  std::optional<std::string> by = {};
  std::optional<std::string> action = {};
  std::optional<timestamp> since = {};              // at >= since
  std::optional<timestamp> until = {};              // at < until
  std::size_t limit = limits::history_page_default; // 1 to limits::history_page_max
  std::optional<std::string> cursor = {};           // from the page before; opaque
  grant seen = {};                                  // only records of what it covers
};

// As history_page; a page ends after limits::history_scan_max records.
struct audit_page {
  std::vector<audit_record> records = {}; // newest first
  std::optional<std::string> next_cursor = {};
  std::vector<error> damaged = {};
};

struct journal_page {
  protocol::packed_events events = {}; // from the number asked for, without a gap
  bool complete = false;               // the journal had no further event when it was read
  bool settled = false;                // ... and the deployment had settled: no further will come
};

// The records that a starting server needs to resume deployments and to keep instances running.
struct recovery_snapshot {
  std::vector<lane_record> lanes = {};     // all that were ever used
  std::vector<deployment> unfinished = {}; // queued or in flight, oldest first
  // Lanes in which a record that is needed for it does not verify: the lane's own record, its
  // active deployment's, or an unfinished deployment's. No deployment of such a lane is in
  // `unfinished`; the lane's record is in `lanes` if it verifies itself.
  std::map<lane_key, error> damaged = {};
  // Who has which name, by name; without those that do not verify.
  std::vector<host_claim> hosts = {};

  friend bool operator==(const recovery_snapshot&, const recovery_snapshot&) = default;
};

class store {
public:
  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  virtual ~store() = default;

  // Applies the changes in their order, in one transaction, and returns after its flush: one result
  // per change. A change whose compare fails is left out (invalid_transition, details "deployment",
  // "lane" or "token"; for a request_id that another deployment has: in_flight, details
  // "deployment"); the others are stored. If the transaction itself fails, every result is that
  // error, and nothing of any change is stored.
  virtual std::vector<result<receipt>> commit(std::span<const change> changes) = 0;

  // The deployment with exactly this id; not_found.
  virtual result<deployment> find(std::string_view id) const = 0;

  // The only id that begins with the prefix. not_found if none does; invalid_argument if several
  // do, details "candidates".
  virtual result<std::string> resolve(std::string_view id_prefix) const = 0;

  // The same among the deployments of lanes that `seen` covers: of the others nothing is told, also
  // where a record does not verify. If the first limits::prefix_scan with the prefix are not
  // covered, as if none were.
  virtual result<std::string> resolve_seen(std::string_view id_prefix, const grant& seen) const = 0;

  // The deployment that was made for this request id, if one was.
  virtual result<std::optional<std::string>> by_request(std::string_view request_id) const = 0;

  // A lane that was never used has revision 0.
  virtual result<lane_record> lane(const lane_key& key) const = 0;

  // All lanes that were ever used, ordered by app and cluster; of one app or one cluster if that is
  // given. A lane whose record does not verify is listed by its name, with revision 0.
  virtual result<std::vector<lane_record>>
  lanes(const std::optional<std::string>& app, const std::optional<std::string>& cluster) const = 0;

  // The lane that has this host name, if one has.
  virtual result<std::optional<lane_key>> holder_of(std::string_view host) const = 0;

  // Deployments that are queued or in flight, oldest first: of one lane, or of all.
  virtual result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const = 0;

  // Read once, when the server starts. Fails only if nothing can be read; records that do not
  // verify are in `damaged`.
  virtual result<pawl::recovery_snapshot> recovery_snapshot() const = 0;

  // The cost of a page depends neither on the length of the history nor on the number of lanes; a
  // page of one app costs a little more for each cluster that the app is in. invalid_argument for a
  // cursor that the store has not made.
  virtual result<history_page> history(const history_query& query) const = 0;

  // Events from number `from` on (1 is the first): at most limits::journal_page_events, and at most
  // `max_bytes` of packed events, but at least one if there is one. not_found for a deployment that
  // does not exist.
  virtual result<journal_page> journal(std::string_view id, std::uint64_t from,
                                       std::size_t max_bytes) const = 0;

  // Versions of an app, newest first, those below `before` if that is given; at most `limit`.
  virtual result<std::vector<version_record>>
  versions(std::string_view app, std::size_t limit, std::optional<version_number> before) const = 0;

  // not_found if the app has no such version.
  virtual result<version_record> version(std::string_view app, version_number number) const = 0;

  // All tokens, by name. One whose record does not verify is none: nobody can use it.
  virtual result<std::vector<token_record>> tokens() const = 0;

  // All freezes, also those whose time is over, by their scope. One whose record does not verify
  // holds until it is lifted, and says so: what was frozen is not released by a damaged disk.
  virtual result<std::vector<freeze_record>> freezes() const = 0;

  // A page of the audit journal. invalid_argument for a cursor that the store has not made.
  virtual result<audit_page> audit(const audit_query& query) const = 0;

  // A revision of a lane's configuration; not_found if it has none of that number, or no more.
  virtual result<pawl::configuration> configuration(const lane_key& lane,
                                                    config_number number) const = 0;

  // Returns memory that caches what was read: called after a start, which touches all records.
  virtual void release_read_pages() const {}
};

} // namespace pawl
