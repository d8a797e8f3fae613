// One thread that copies the output of all running containers into the logs of their instances.
#pragma once

#include "engines/docker/container_record.hpp"
#include "engines/docker/copied_log.hpp"
#include "engines/docker/docker_host.hpp"
#include "engines/logs/file_instance_logs.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace pawl {

class log_followers {
public:
  log_followers(const docker_host& host, const container_records& records,
                file_instance_logs& logs);
  ~log_followers();
  log_followers(const log_followers&) = delete;
  log_followers& operator=(const log_followers&) = delete;

  // Begins to copy, or goes on after the daemon was away; does nothing while it copies. What cannot
  // be opened now is tried again at the next call. Blocks as a call to the daemon does.
  void follow(const std::string& name, const std::string& container);

  // Waits until all that the container printed is in the log, `most` at most. For one that has
  // ended.
  void finish(const std::string& name, std::chrono::milliseconds most);

  // Ends the copying.
  void forget(const std::string& name);

private:
  struct follower {
    std::string container;
    std::unique_ptr<copied_log> log;
    std::unique_ptr<api_transfer> transfer;
    bool begun = false; // the thread has it in its set
    bool ended = false;
  };

  std::optional<redaction_table> secrets_of(const std::string& name) const;
  void run();
  void take_over();

  const docker_host& host_;
  const container_records& records_;
  file_instance_logs& logs_;
  std::mutex turn_; // of follow()
  transfer_set set_;
  std::mutex mutex_; // guards all below
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<std::string, std::shared_ptr<follower>> all_;
  std::vector<std::shared_ptr<follower>> forgotten_; // the thread takes them out of its set
  std::thread thread_;                               // last: it uses the others
};

} // namespace pawl
