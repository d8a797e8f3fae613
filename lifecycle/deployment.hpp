// A deployment: the record of one attempt to make a version active in a lane. Only this code writes
// its state.
#pragma once

#include "lifecycle/error.hpp"
#include "lifecycle/manifest.hpp"
#include "lifecycle/names.hpp"
#include "lifecycle/process_count.hpp"
#include "lifecycle/state_machine.hpp"
#include "lifecycle/timestamp.hpp"

#include <string>
#include <vector>

namespace pawl {

struct source_facts {
  std::string digest; // "sha256:" and 64 hexadecimal digits, of the canonical tar
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;

  friend bool operator==(const source_facts&, const source_facts&) = default;
};

struct git_facts {
  std::string sha;
  std::string branch;
  std::string message;
  std::string author;
  std::string author_email;
  timestamp committed_at = {};
  std::string repository;
  bool dirty = false;

  friend bool operator==(const git_facts&, const git_facts&) = default;
};

struct transition_entry {
  pawl::state state = state::queued;
  timestamp at = {};
  std::string by; // who asked for it; "pawl" where the server went on by itself

  friend bool operator==(const transition_entry&, const transition_entry&) = default;
};

// An error, and the state that it happened in.
struct failure {
  errc code = errc::internal;
  std::string message;
  std::map<std::string, std::string> details = {};
  pawl::state state = state::queued;

  friend bool operator==(const failure&, const failure&) = default;
};

// The failure for an error in that state, cut to what a record may hold (bounded_text.hpp): the
// only way in which an error becomes part of a record.
failure make_failure(error why, state in);

// Fields that only the server uses; they are part of no answer.
struct deployment_internals {
  std::uint64_t revision = 0; // counts the record's writes; compare-and-set goes by it
  std::optional<source_facts> promised =
      {};                    // what the client said it would send; `source` once verified
  std::string contents = {}; // the digest of that without the times of its files; empty if unknown
  std::optional<manifest> settings = {};    // from the source's pawl.toml, once it was verified
  std::optional<std::string> artifact = {}; // digest, from the end of pushing on
  std::optional<failure> outcome =
      {};                      // what a cancelling deployment will carry once it has stopped
  bool despite_freeze = false; // an admin asked for it to begin in a frozen lane
  std::uint32_t resumes = 0;   // in a row that the server did not survive (resumption.hpp)
  // The deployment that has started its instances, and that they are named after, if another has:
  // it has taken over warm ones (warm.hpp). Set when it goes live.
  std::string took_over = {};
  // How many instances of each process it has, where that is not as its settings say: the lane's
  // counts when it was asked for, and those of a `scale` since.
  process_counts counts = {};

  friend bool operator==(const deployment_internals&, const deployment_internals&) = default;
};

struct deployment {
  std::string id;
  std::string app;
  std::string cluster;
  pawl::operation operation = operation::deploy;
  pawl::state state = state::queued;
  std::optional<version_number> version = {};
  std::optional<source_facts> source = {};
  std::optional<git_facts> git = {};
  std::string by;
  std::string message;
  std::string request_id;
  timestamp created_at = {};
  timestamp updated_at = {};
  std::optional<timestamp> finished_at = {}; // when it became active, or ended without
  std::optional<failure> error = {};
  std::optional<std::string> replaces = {}; // id of the deployment that was active before
  std::vector<std::string> urls = {};
  std::vector<transition_entry> transitions = {};
  // The revision of the lane's configuration that it runs with (variables.hpp).
  std::optional<std::uint32_t> config = {};
  deployment_internals internals = {};

  friend bool operator==(const deployment&, const deployment&) = default;
};

inline lane_key lane_of(const deployment& d) {
  return {d.app, d.cluster};
}

// The deployment that its instances are named after.
inline const std::string& owner_of_instances(const deployment& d) {
  return d.internals.took_over.empty() ? d.id : d.internals.took_over;
}

// How long it was in the state at its last visit; nothing if it was not, or still is.
std::optional<duration> time_in(const deployment& d, state which);

// Whether its source may still be on its way.
inline bool awaits_source(const deployment& d) {
  return d.operation == operation::deploy &&
         (d.state == state::queued || d.state == state::preparing);
}

// Puts a new deployment (all fields but state, times and transitions are the caller's) into its
// first state. Fails with invalid_transition if the operation may not begin there, if a rollback or
// promotion has no version, or if a deploy has one.
result<deployment> begin(deployment draft, state first, timestamp now);

// Where the version comes from that the new state needs: `record` if the deployment has to have it
// already; `store` if the store gives it one in the commit of this move (it refuses the move in a
// change that asks for no version).
enum class version_from : std::uint8_t { record, store };

// Moves it to another state: appends the transition, sets the times. Fails with invalid_transition,
// and names both states, where the table does not allow it, or where a state that needs a version
// would be entered without one. `now` may be earlier than the record's last time (a clock that was
// set back): the record's time then stays.
result<deployment> advance(deployment d, state to, timestamp now, std::string by,
                           version_from given_by = version_from::record);

// The same to `failed`, with its reason.
result<deployment> fail(deployment d, const error& why, timestamp now);

} // namespace pawl
