// The way of an instance's output into its log: a pipe, and a log writer (bin/log_writer), a
// process that appends what comes out of it and outlives the server. The instance has no descriptor
// of the log: whatever it does with its output, what it printed stays.
#pragma once

#include "lifecycle/redaction.hpp"
#include "posix/child_process.hpp"

#include <cstdint>
#include <vector>

namespace pawl {

class instance_output {
public:
  // Starts the log writer in the control groups of the instance, whose limits count it. As root, it
  // becomes the app's user. It writes nothing of `redacted`. Fails: unavailable, if the program
  // is not installed too; resource_exhausted.
  static result<instance_output> begin(const descriptor& log, const std::vector<descriptor>& groups,
                                       std::uint32_t identity,
                                       const redaction_table& redacted = {});

  // Ends the log writer, unless keep() was called.
  ~instance_output() { finish(); }
  instance_output(instance_output&&) = default;
  instance_output& operator=(instance_output&&) = delete;
  instance_output(const instance_output&) = delete;
  instance_output& operator=(const instance_output&) = delete;

  // The end to which the instance writes, until close_end().
  int end() const { return end_.get(); }
  void close_end() { end_.reset(); }

  pid_t writer() const { return writer_.pid; }
  std::uint64_t log_begin() const { return log_begin_; } // where this start's output begins

  // The instance runs, and its log writer for it.
  void keep() { writer_.process.reset(); }

  // All that was printed is in the log when this returns.
  void finish();

private:
  instance_output(descriptor end, child writer, std::uint64_t log_begin)
      : end_(std::move(end)), writer_(std::move(writer)), log_begin_(log_begin) {}

  descriptor end_;
  child writer_;
  std::uint64_t log_begin_ = 0;
};

// The path of the installed program; unavailable if there is none.
result<std::string> log_writer_program();

// No process of the instance runs any more: lets its log writer end, and waits for that, some
// seconds at most. Does nothing for an empty descriptor.
void finish_log_writer(const descriptor& writer);

} // namespace pawl
