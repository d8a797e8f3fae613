// Instances of the process engine. They outlive the server process that started them: before an
// instance runs, everything by which another server process finds it is on the disk.
//
//   DATA/instances/NAME/record.json   instance_record.hpp
//   DATA/instances/NAME/status        from bubblewrap: "child-pid", and "exit-code" at the end
//   DATA/logs/NAME                    its output, appended by its log writer (instance_output.hpp)
#pragma once

#include "engines/logs/file_instance_logs.hpp"
#include "engines/process/instance_launch.hpp"
#include "engines/process/instance_watcher.hpp"
#include "engines/process/leased_ports.hpp"
#include "posix/keyed_mutex.hpp"

namespace pawl {

class process_instances {
public:
  process_instances(const sandbox_host& host, file_instance_logs& logs, process_volumes& volumes)
      : host_(host), logs_(logs), volumes_(volumes), ports_(host, logs) {}

  // As engine says.
  result<instance> start(const instance_spec& spec);
  result<void> stop(const std::string& name, duration grace);
  void watch(const std::string& name, std::function<void(instance)> on_exit);
  listening_places listening(const std::string& name) const;

  // As engine says. Kills each instance without a complete record: a crash during start() leaves
  // such ones.
  result<std::vector<instance>> list();

private:
  class work; // marks a name as being started or stopped

  std::filesystem::path directory_of(const std::string& name) const;
  result<instance_record> record_of(const std::string& name) const;
  bool at_work(const std::string& name);
  instance look_at(const instance_record& record);
  void tell_of_memory(instance& ended) const;
  void terminate(const instance_record& record, duration grace);
  result<void> clear(const std::string& name);
  std::optional<instance> adopt(const std::string& name);
  instance adopt_complete(const instance_record& record);

  const sandbox_host& host_;
  file_instance_logs& logs_;
  process_volumes& volumes_;
  keyed_mutex calls_; // by name
  std::mutex mutex_;  // guards the next one; and no start or stop begins while it is held
  std::multiset<std::string> at_work_;
  leased_ports ports_;
  instance_watcher watcher_;
};

} // namespace pawl
