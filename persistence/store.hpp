// What Pawl remembers, in the words of the lifecycle.
//
// Writing: a `change` is all or nothing, and holds only if every record in it still has the
// revision that it was read with (compare-and-set). That is what a distributed store's transactions
// can give too: nothing here asks for a lock, for a snapshot that lasts, or for numbers that only
// one process can give.
//
// Threads: commit() is called by one thread (the store writer); every other function by any thread
// at any time. A reading function sees one consistent snapshot for as long as it runs, and holds
// nothing when it returns.
//
// Errors of every function: data_corruption (a record does not verify; the message names it),
// resource_exhausted (disk or map full), internal (anything else that the disk refused).
#pragma once

#include "lifecycle/event.hpp"
#include "lifecycle/lane.hpp"
#include "protocol/packed_events.hpp"

#include <map>
#include <span>

namespace pawl {

// Events to append to a journal. The store numbers them, and drops nothing: what is over a
// journal's limit, its writer has dropped already.
struct journal_append {
  std::string deployment;
  std::vector<event> events; // seq is 0 in each
};

struct change {
  // Each with the revision that it was read with in internals.revision; 0: there is none with this
  // id yet. A deployment that is new also claims its request_id.
  std::vector<deployment> deployments = {};
  // The same rule: revision 0 means that the lane is not known yet.
  std::optional<lane_record> lane = {};
  // A version to be given: the store fills in the app's next number here, and in the `version` of
  // the deployment in this change that `version_record::deployment` names.
  std::optional<version_record> version = {};
  // Refused as a whole (invalid_transition) if its deployment has settled before this change.
  std::vector<journal_append> journal = {};
};

// What the store now holds of the change: revisions, version and sequence numbers filled in.
struct receipt {
  std::vector<deployment> deployments = {};
  std::optional<lane_record> lane = {};
  std::optional<version_record> version = {};
  std::vector<journal_append> journal = {};
};

struct history_query {
  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::optional<pawl::state> state = {};
  std::optional<pawl::operation> operation = {};
  std::optional<std::string> by = {};
  std::optional<std::string> commit_prefix = {}; // of git.sha
  std::optional<version_number> version = {};
  std::optional<timestamp> since = {};              // created_at >= since
  std::optional<timestamp> until = {};              // created_at < until
  std::size_t limit = limits::history_page_default; // 1 to limits::history_page_max
  std::optional<std::string> cursor = {};           // from the page before; opaque
};

struct history_page {
  std::vector<deployment> deployments = {}; // newest first
  // Where the next page begins. A page of a rare filter may hold fewer than `limit`, even none, and
  // still have one: it looked at limits::history_scan_max records.
  std::optional<std::string> next_cursor = {};
  // data_corruption for each record among these that cannot be read: the others still can.
  std::vector<error> damaged = {};
};

struct journal_page {
  protocol::packed_events events = {}; // from the number asked for, without a gap
  bool complete = false;               // nothing more was in the journal when it was read
  bool settled = false;                // and the deployment had settled: nothing more will come
};

// What a server that starts has to keep up and to go on with.
struct standing {
  std::vector<lane_record> lanes = {};     // all that were ever used
  std::vector<deployment> unfinished = {}; // queued or in flight, oldest first
  // Lanes of which a record that says what is to be done does not verify: the lane's own, of its
  // active deployment, or of one that is unfinished. None of it is in `unfinished`; the lane's
  // record is in `lanes` if it verifies itself.
  std::map<lane_key, error> damaged = {};

  friend bool operator==(const standing&, const standing&) = default;
};

class store {
public:
  store() = default;
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  virtual ~store() = default;

  // Applies the changes in their order, in one transaction, and returns after its flush: a result
  // for each. A change whose compare fails is left out (invalid_transition, details "deployment" or
  // "lane"; for a request_id that another deployment has: in_flight, details "deployment"), the
  // others hold. If the transaction itself fails, every result is that error, and nothing of any
  // change is stored.
  virtual std::vector<result<receipt>> commit(std::span<const change> changes) = 0;

  // not_found if there is none with exactly this id.
  virtual result<deployment> find(std::string_view id) const = 0;

  // The one id that begins with the prefix. not_found; or invalid_argument if several do, details
  // "candidates".
  virtual result<std::string> resolve(std::string_view id_prefix) const = 0;

  // The deployment that was made for this request id, if one was.
  virtual result<std::optional<std::string>> by_request(std::string_view request_id) const = 0;

  // A lane that was never used has revision 0.
  virtual result<lane_record> lane(const lane_key& key) const = 0;

  // All that were ever used, by app and cluster; of one app or one cluster where that is given. Of
  // one whose record does not verify only the name: its revision is 0.
  virtual result<std::vector<lane_record>>
  lanes(const std::optional<std::string>& app, const std::optional<std::string>& cluster) const = 0;

  // Deployments that are queued or in flight, oldest first: of one lane, or of all.
  virtual result<std::vector<deployment>> unfinished(const std::optional<lane_key>& lane) const = 0;

  // What there is to go on with, in one snapshot. Fails only where nothing can be read.
  virtual result<standing> what_stands() const = 0;

  // A page costs the same however long the history is, and however many lanes have one; one of one
  // app a little more for each cluster that the app is in. invalid_argument for a cursor that was
  // not given out.
  virtual result<history_page> history(const history_query& query) const = 0;

  // Events from number `from` (1 is the first): at most limits::journal_page_events of them, and
  // `max_bytes` as they are packed, but at least one if there is one. not_found for a deployment
  // that does not exist.
  virtual result<journal_page> journal(std::string_view id, std::uint64_t from,
                                       std::size_t max_bytes) const = 0;

  // Versions of an app, newest first, below `before` if that is given; at most `limit`.
  virtual result<std::vector<version_record>>
  versions(std::string_view app, std::size_t limit, std::optional<version_number> before) const = 0;

  // not_found if the app has no such version.
  virtual result<version_record> version(std::string_view app, version_number number) const = 0;

  // Gives back the memory that holds what was read only because it was read: after a start, which
  // reads something of everything.
  virtual void let_go_of_pages() const {}
};

} // namespace pawl
