// Instances of the Docker engine: containers that nothing but this engine restarts. Everything by
// which another server process finds one is on the disk before it runs (container_record.hpp).
#pragma once

#include "engines/docker/container_plan.hpp"
#include "engines/docker/container_watch.hpp"
#include "engines/docker/log_followers.hpp"
#include "posix/keyed_mutex.hpp"

namespace pawl {

class docker_instances {
public:
  docker_instances(const docker_host& host, const container_records& records,
                   file_instance_logs& logs);

  // As engine says.
  result<instance> start(const instance_spec& spec);
  result<void> stop(const std::string& name, duration grace);
  void watch(const std::string& name, std::function<void(instance)> on_exit);
  listening_places listening(const std::string& name) const;
  std::optional<probe_answer> own_check(const std::string& name) const;

  // As engine says. While no daemon answers: all that ran when one did, as running.
  result<std::vector<instance>> list();

private:
  class work; // marks a name as being started or stopped

  result<instance> replace(const instance_spec& spec, const image_facts& image);
  result<std::string> create(const instance_spec& spec, const image_facts& image) const;
  result<void> run(const std::string& container, const instance_spec& spec) const;
  instance adopt(const container_look& found);
  void complete(const std::string& container, instance& ended);
  result<void> clear(const std::string& name);
  bool at_work(const std::string& name);
  std::vector<instance> all_known() const;
  void clear_stray(const std::vector<instance>& found);

  const docker_host& host_;
  const container_records& records_;
  file_instance_logs& logs_;
  keyed_mutex calls_; // by name
  std::mutex mutex_;  // guards the next one
  std::multiset<std::string> at_work_;
  log_followers followers_;
  container_watch watch_; // last: its hooks use the others
};

} // namespace pawl
