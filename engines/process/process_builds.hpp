// Builds and artifacts of the process engine.
//
//   DATA/builds/DEPLOYMENT/work/tree   the source and the build's results; /app of the build
//   DATA/builds/DEPLOYMENT/work/home   HOME of the build
//   DATA/builds/DEPLOYMENT/built       empty; exists when the tree is complete and durable
//   DATA/builds/DEPLOYMENT/pushed      "DIGEST BYTES\n"; written before the tree becomes a release
//   DATA/releases/APP/sha256-HEX       an artifact's tree, read-only to the app
#pragma once

#include "engines/engine.hpp"
#include "engines/process/sandbox/sandbox_command.hpp"
#include "posix/keyed_mutex.hpp"

namespace pawl {

std::filesystem::path release_path(const std::filesystem::path& data_dir, const std::string& app,
                                   const std::string& digest);

class process_builds {
public:
  explicit process_builds(const sandbox_host& host) : host_(host) {}

  // As engine says.
  result<void> build(const build_job& job, const line_sink& sink, const std::stop_token& stop);
  result<artifact> push(const build_job& job, const std::stop_token& stop);
  void discard(const std::string& deployment);
  std::vector<std::string> leftovers() const;

private:
  class own_identity; // one that no other build has at the same time

  std::filesystem::path directory_of(const std::string& deployment) const;
  result<void> run_build(const build_job& job, std::uint32_t identity, const line_sink& sink,
                         const std::stop_token& stop);

  const sandbox_host& host_;
  keyed_mutex calls_; // by deployment
  std::mutex mutex_;  // guards identities_
  std::set<std::uint32_t> identities_;
};

// Success, or the error for the end of a build or release command. `subject` is "the build" or "the
// release command"; `failed` is the code if the command itself failed.
result<void> judge(const command_end& end, errc failed, std::string_view subject,
                   const std::string& command, duration timeout, std::uint64_t memory_bytes,
                   const line_sink& sink);

} // namespace pawl
