// An engine builds apps and runs their instances, on one kind of runtime. Each call does one step
// and can be repeated: a step that was done already is success. Every function blocks, and may be
// called from any thread, by several at once. Calls for the build of one deployment, or for one
// instance, wait for each other: a lane that was restarted may call while a call of its
// predecessor's worker still runs.
//
// test/engines/engine_contract.hpp tests these promises on every engine.
#pragma once

#include "engines/instance_logs.hpp"
#include "engines/probe.hpp"
#include "lifecycle/cluster.hpp"
#include "lifecycle/limits.hpp"
#include "lifecycle/listening.hpp"
#include "lifecycle/redaction.hpp"
#include "lifecycle/variables.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

namespace pawl {

// Receives the output of a build or a release command, one line a call: `stream` is stdout or
// stderr, `line` is at most limits::log_line_bytes, in bytes as they came. Called on the thread
// that called the engine; until it returns, the command's pipe fills and the command waits.
using line_sink = std::function<void(std::string_view stream, std::string_view line)>;

// The commit that a source was made of, as its client said; empty if it said none.
struct source_commit {
  std::string sha; // in full
  std::string branch;
};

struct build_job {
  std::string deployment;
  std::string app;
  std::filesystem::path source; // a verified tar
  manifest settings;
  std::string cluster = {}; // whose network the build has
  source_commit commit = {};
  std::optional<config_number> config = {};  // the revision of the lane's configuration
  std::vector<variable_text> variables = {}; // of that, as far as the command may see them
};

struct artifact {
  std::string digest; // "sha256:…" of its contents
  std::uint64_t bytes = 0;
};

struct instance_spec {
  std::string name; // DEPLOYMENT-N or DEPLOYMENT-PROCESS-N, N from 1
  std::string deployment;
  lane_key lane;
  version_number version;
  std::string artifact;
  manifest settings;
  std::uint64_t memory_bytes = 0;
  double cpus = 1.0;
  source_commit commit = {};
  std::string process = std::string{web_process}; // whose command and limits `settings` have
  duration settle = {}; // of one that is not "web": it is healthy when it has run for so long
  std::optional<config_number> config = {};  // as in build_job
  std::vector<variable_text> variables = {}; // all of them
  redaction_table redacted = {};             // of the secrets among them: not to be in its log
};

enum class instance_state : std::uint8_t { running, exited };

struct instance {
  std::string name;
  std::string deployment;
  lane_key lane;
  instance_state state = instance_state::running;
  std::string address;                 // host:port that it listens on
  std::optional<int> exit_status = {}; // of an exited one, if it is known; 128 + signal
  bool out_of_memory = false;          // of an exited one: it was killed at its memory limit
};

// A directory of a lane that outlives its deployments.
struct volume {
  lane_key lane;
  std::string name;
  std::uint64_t bytes = 0; // that it takes of the disk
  bool measured = true;    // false: it may take more
};

class engine {
public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  // Checks that this machine has what the engine needs; unavailable, with what is missing and what
  // to change. On success, warnings: limits that cannot be enforced here.
  virtual result<std::vector<std::string>> check() = 0;

  // Builds the app from its source, in a directory that no other build sees. An earlier,
  // interrupted build of the same deployment is removed first. Afterwards push() finds the result,
  // also after a restart. Fails: build_failed (details: exit_status, or signal, or reason
  // "memory"/"processes"), timed_out, cancelled (the token was stopped; no process of the build
  // runs any more when this returns), resource_exhausted.
  virtual result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) = 0;

  // Stores the result of build() as an immutable artifact, named by its digest, durably. not_found
  // if no build was completed: build() must run again.
  virtual result<artifact> push(const build_job& job, std::stop_token stop) = 0;

  // Runs the app's release command in the artifact, once, isolated as a build is. Fails:
  // release_failed, timed_out, cancelled.
  virtual result<void> run_release(const instance_spec& spec, const line_sink& sink,
                                   std::stop_token stop) = 0;

  // Whether start() would find this artifact of the app. It looks at a name, not at the contents:
  // its cost does not depend on the artifact's size.
  virtual bool has_artifact(const std::string& app, const std::string& digest) const = 0;

  // Starts an instance, which keeps running when this process ends. One that already runs under
  // this name is returned as it is. It may not answer yet. Fails: not_found (no such artifact),
  // resource_exhausted, unavailable.
  virtual result<instance> start(const instance_spec& spec) = 0;

  // Asks the instance to stop (SIGTERM), kills it after `grace`, and returns when only its log is
  // left. Success if there is no such instance.
  virtual result<void> stop(const std::string& name, duration grace) = 0;

  // Every instance that this engine has started and not stopped, also before this process began.
  // The list is complete: an instance that is not in it does not run.
  virtual result<std::vector<instance>> list() = 0;

  // Calls back once, from a thread of the engine's or from this call, when the named instance has
  // exited or was stopped, or if it had before. For instances from start() or list().
  virtual void watch(const std::string& name, std::function<void(instance)> on_exit) = 0;

  // Where the processes of the instance listen now; nowhere if it does not run. What it finds of an
  // instance with very many descriptors is a part (limits::listening_descriptors).
  virtual listening_places listening(const std::string& name) = 0;

  // The last answer of a check that the artifact itself makes of the instance; nothing if it makes
  // none, or if it cannot be known now. It counts where the manifest names no path.
  virtual std::optional<probe_answer> own_check(const std::string&) { return std::nullopt; }

  // Removes what a deployment that has ended left on the disk, except artifacts and instances.
  virtual void discard(const std::string& deployment) = 0;

  // The deployments for which discard() would remove something.
  virtual std::vector<std::string> leftovers() const = 0;

  // The volumes that instances or release commands of this engine were given, until they are
  // removed; by lane and name. Of each a lane has one, whichever version asks for it.
  virtual result<std::vector<volume>> volumes() { return std::vector<volume>{}; }

  // Removes a volume with all that is in it. not_found; invalid_transition while an instance uses
  // it (details: instance).
  virtual result<void> remove_volume(const lane_key& lane, const std::string& name) {
    return error{errc::not_found,
                 lane.app + " has no volume " + name + " in " + lane.cluster,
                 {{"volume", name}}};
  }

  // The output of this engine's instances; valid as long as the engine.
  virtual instance_logs& logs() = 0;
};

} // namespace pawl
