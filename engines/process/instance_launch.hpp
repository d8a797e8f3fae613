// The start of one instance of the process engine, from its record to its running sandbox.
#pragma once

#include "engines/logs/file_instance_logs.hpp"
#include "engines/process/instance_output.hpp"
#include "engines/process/instance_record.hpp"
#include "engines/process/network/network_gate.hpp"
#include "engines/process/process_volumes.hpp"
#include "engines/process/sandbox/sandbox_host.hpp"

namespace pawl {

// The sandbox of an app's artifact, in which instances and release commands run.
sandbox app_sandbox(const sandbox_host& host, const process_volumes& volumes,
                    const instance_spec& spec, const std::string& command);

class instance_launch {
public:
  // `directory` is that of the instance's record. All of them outlive this.
  instance_launch(const sandbox_host& host, file_instance_logs& logs, process_volumes& volumes,
                  std::filesystem::path directory, const instance_spec& spec)
      : host_(host), logs_(logs), volumes_(volumes), directory_(std::move(directory)), spec_(spec) {
  }

  // The record has all but its pids. Starts the instance, and fills them in, durably. After an
  // error the caller clears away what was begun.
  result<void> run(instance_record& record);

private:
  result<sandbox> make_sandbox(const instance_record& record) const;
  result<void> complete(instance_record& record, const child& started, const descriptor& info,
                        network_gate& gate, instance_output& output);

  const sandbox_host& host_;
  file_instance_logs& logs_;
  process_volumes& volumes_;
  const std::filesystem::path directory_;
  const instance_spec& spec_;
};

} // namespace pawl
