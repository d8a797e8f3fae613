// Builds and images of the Docker engine: a Dockerfile of the source, or an image that the manifest
// names. An artifact is an image, and its digest the image's id.
//
//   DATA/docker/builds/DEPLOYMENT   the app; there is one for each deployment that began to build
#pragma once

#include "engines/docker/build_output.hpp"
#include "engines/docker/docker_host.hpp"
#include "engines/engine.hpp"
#include "posix/keyed_mutex.hpp"

#include <mutex>
#include <set>

namespace pawl {

class docker_builds {
public:
  explicit docker_builds(const docker_host& host) : host_(host) {}

  // As engine says. A daemon that ends during a build is waited for, and the build begins again.
  result<void> build(const build_job& job, const line_sink& sink, const std::stop_token& stop);
  result<artifact> push(const build_job& job, const std::stop_token& stop);
  bool has_artifact(const std::string& app, const std::string& digest) const;
  void discard(const std::string& deployment);
  std::vector<std::string> leftovers() const;

private:
  using clock = std::chrono::steady_clock;

  std::filesystem::path note_of(const std::string& deployment) const;
  result<void> begin(const build_job& job) const;
  result<void> attempt(const build_job& job, const line_sink& sink, clock::time_point end,
                       const std::stop_token& stop) const;
  result<void> take_image(const build_job& job, const line_sink& sink, clock::time_point end,
                          const std::stop_token& stop) const;
  result<void> build_source(const build_job& job, const line_sink& sink, clock::time_point end,
                            const std::stop_token& stop) const;
  std::string query_of(const build_job& job, const std::string& dockerfile) const;
  std::string mark_of(const std::string& deployment) const;
  void see_gone(const std::string& deployment, std::set<std::string> containers) const;
  std::set<std::string> containers_of(const std::string& deployment,
                                      const std::vector<std::string>& in_states) const;
  void remove_rests(const std::string& deployment) const;
  bool is_of_build(const std::string& deployment, const std::string& container) const;
  result<void> give_name(const std::string& image, const std::string& name) const;
  result<void> take_name(const std::string& name) const;

  bool removed(const std::string& deployment); // its image, name and note

  const docker_host& host_;
  keyed_mutex calls_; // by deployment
  std::mutex mutex_;
  std::set<std::string> late_; // deployments whose builds could not be discarded
};

} // namespace pawl
