// The logs of an engine whose instances write files: DIRECTORY/NAME, for running and for stopped
// instances (instance_log.hpp). Bounds the logs of running instances, and removes the oldest logs
// of stopped ones.
#pragma once

#include "engines/instance_logs.hpp"
#include "engines/logs/instance_log.hpp"
#include "engines/logs/log_watcher.hpp"

namespace pawl {

class file_instance_logs final : public instance_logs {
public:
  // Whether the engine has no such instance any more; called from any thread.
  using stopped_test = std::function<bool(const std::string& name)>;

  // The directory is for these logs alone; it need not exist yet.
  file_instance_logs(std::filesystem::path directory, stopped_test stopped);

  std::vector<std::string> last_lines(const std::string& name, std::size_t lines) override;
  std::uint64_t last_lines_begin(const std::string& name, std::size_t lines) override;
  log_page read(const std::string& name, std::uint64_t from, std::size_t most_lines,
                bool unfinished) override;
  std::shared_ptr<void> watch(const std::string& name, const log_page& seen,
                              std::function<void()> callback) override;

  // --- for the engine

  // A descriptor that the instance appends its output to, for its start.
  result<descriptor> open(const std::string& name);

  // The instance was started, or found again: its log is bounded from now on.
  void track(const std::string& name) { watcher_.track(name); }

  // Adds a line to its log; on a full disk the line is lost.
  void say(const std::string& name, std::string_view line) const;

  // No process of the instance runs any more: ends the line that it left open.
  void finish(const std::string& name);

  // After finish(), when stopped(name) holds: its log becomes that of a stopped instance.
  void close(const std::string& name);

  // The last lines from a place on.
  std::vector<std::string> last_lines_from(const std::string& name, std::size_t lines,
                                           std::uint64_t from) const;

  std::uint64_t size(const std::string& name) const { return log_size(directory_ / name); }

private:
  const std::filesystem::path directory_;
  const stopped_test stopped_;
  log_watcher watcher_;
};

} // namespace pawl
