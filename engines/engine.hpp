// The hands that build and run apps on one kind of place. Each call does one step and is
// repeatable: what is already done is success. Every function blocks, and may be called from any
// thread, by several at once. Calls for the build of one deployment, or for one instance, wait for
// one another: a lane that was brought back may call for what its predecessor's worker has not
// ended yet.
#pragma once

#include "lifecycle/cluster.hpp"
#include "lifecycle/limits.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

namespace pawl {

// Where a build's or a release command's output goes, a line at a time: `stream` is stdout or
// stderr, `line` is at most limits::log_line_bytes, in bytes as they came. Called on the thread
// that called the engine; while it does not return, the command's pipe fills and the command waits.
using line_sink = std::function<void(std::string_view stream, std::string_view line)>;

struct build_job {
  std::string deployment;
  std::string app;
  std::filesystem::path source; // a verified tar
  manifest settings;
};

struct artifact {
  std::string digest; // "sha256:…" of its contents
  std::uint64_t bytes = 0;
};

struct instance_spec {
  std::string name; // DEPLOYMENT-N, N from 1
  std::string deployment;
  lane_key lane;
  version_number version;
  std::string artifact;
  manifest settings;
  std::uint64_t memory_bytes = 0;
  double cpus = 1.0;
};

enum class instance_state : std::uint8_t { running, exited };

struct instance {
  std::string name;
  std::string deployment;
  lane_key lane;
  instance_state state = instance_state::running;
  std::string address;                 // host:port where it answers
  std::optional<int> exit_status = {}; // of an exited one, if it is known; 128 + signal
  bool out_of_memory = false;          // of an exited one: its limit of memory has killed it
};

// A part of what an instance printed.
struct log_page {
  std::vector<std::string> lines = {}; // each at most limits::log_line_bytes, in bytes as they came
  std::uint64_t skipped = 0;           // bytes before the first line that the log has no more
  std::uint64_t next = 0;              // the place to go on from
  std::uint64_t size = 0;              // of the log when it was read, what it gave up included
  bool at_end = false;                 // there was no further line
  bool stopped = false;                // before it was read: nothing more comes without a start
};

class engine {
public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  // Whether this machine can do what the engine needs; unavailable, saying what is missing and what
  // to change. Warnings (what is then not limited) are returned on success.
  virtual result<std::vector<std::string>> check() = 0;

  // Makes what the app's build makes, from the source, in a place of its own that no other build
  // sees. An earlier, cut-off try of the same deployment is thrown away first. Afterwards push()
  // finds it, also after a restart. Fails: build_failed (details: exit_status, or signal, or reason
  // "memory"/"processes"), timed_out, cancelled (the token was stopped; nothing of the build runs
  // any more when this returns), resource_exhausted.
  virtual result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) = 0;

  // Stores what build() made as an immutable artifact, named by its digest, durably. not_found if
  // there is nothing that was built completely: build() must run again.
  virtual result<artifact> push(const build_job& job, std::stop_token stop) = 0;

  // Runs the app's release command in the artifact, once, as a build runs. Fails: release_failed,
  // timed_out, cancelled.
  virtual result<void> run_release(const instance_spec& spec, const line_sink& sink,
                                   std::stop_token stop) = 0;

  // Starts an instance, which goes on when this process ends. One that runs already under this name
  // is returned as it is. It may not answer yet. Fails: not_found (no such artifact),
  // resource_exhausted, unavailable.
  virtual result<instance> start(const instance_spec& spec) = 0;

  // Asks the instance to stop (SIGTERM), stops it by force after `grace`, and returns when nothing
  // of it is left but its log. Success if there is no such instance.
  virtual result<void> stop(const std::string& name, duration grace) = 0;

  // Every instance that this engine has started and not stopped, also before this process began. A
  // result is complete: what is not in it does not run.
  virtual result<std::vector<instance>> list() = 0;

  // Calls back once, from a thread of the engine's, when the named instance has exited by itself or
  // was stopped; at once if it has already. Used for instances from start() or list().
  virtual void watch(const std::string& name, std::function<void(instance)> on_exit) = 0;

  // Removes what a deployment that has ended left behind besides artifacts and instances.
  virtual void discard(const std::string& deployment) = 0;

  // The deployments that discard() would remove something of.
  virtual std::vector<std::string> leftovers() const = 0;

  // The last lines that an instance printed, oldest first; fewer if there are fewer; none if there
  // is no such instance.
  virtual std::vector<std::string> tail(const std::string& name, std::size_t lines) = 0;

  // What an instance printed from a place of its log on (0 is the beginning): at most `most_lines`,
  // and of limits::log_page_bytes. Places stay what they are over restarts of the instance and of
  // the server. A last line that is not ended yet is only given if `unfinished`, or if the instance
  // was stopped. Of an instance that there never was: empty, and stopped.
  virtual log_page read_log(const std::string& name, std::uint64_t from, std::size_t most_lines,
                            bool unfinished) = 0;

  // The place where its last lines begin.
  virtual std::uint64_t log_tail(const std::string& name, std::size_t lines) = 0;

  // Calls back once, from a thread of the engine's or this one, when there is more than the page
  // tells, or the instance was stopped since; also of one that is yet to be started. Whoever lets
  // go of the returned object is not called any more, but for a call that has begun.
  virtual std::shared_ptr<void> watch_log(const std::string& name, const log_page& seen,
                                          std::function<void()> callback) = 0;
};

} // namespace pawl
