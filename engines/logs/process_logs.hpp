// The logs of the process engine's instances: DATA/logs/NAME, of those that run and of those that
// were stopped (instance_log.hpp).
#pragma once

#include "engines/logs/instance_log.hpp"
#include "engines/logs/log_watcher.hpp"

namespace pawl {

class process_logs {
public:
  explicit process_logs(const std::filesystem::path& data_dir);

  // For the start of an instance: what it prints goes there.
  result<descriptor> open(const std::string& name);

  // The instance was started, or found again.
  void track(const std::string& name) { watcher_.track(name); }

  // Adds a line to what it printed.
  void say(const std::string& name, std::string_view line) const;

  // Nothing of it runs any more: ends the line that it left open.
  void finish(const std::string& name);

  // After finish(), and when its directory is gone: its log is one of a stopped instance.
  void close(const std::string& name);

  // As engine says.
  std::vector<std::string> tail(const std::string& name, std::size_t lines,
                                std::uint64_t from = 0) const;
  std::uint64_t log_tail(const std::string& name, std::size_t lines) const;
  log_page read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                bool unfinished) const;
  std::shared_ptr<void> watch(const std::string& name, const log_page& seen,
                              std::function<void()> callback);

  std::uint64_t size(const std::string& name) const { return log_size(directory_ / name); }

private:
  bool stopped(const std::string& name) const;

  const std::filesystem::path directory_;
  const std::filesystem::path instances_;
  log_watcher watcher_;
};

} // namespace pawl
