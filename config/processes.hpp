// The processes of an app: the tables [process.NAME] of its pawl.toml, and the lines of its
// Procfile.
#pragma once

#include "config/procfile.hpp"
#include "config/table_reader.hpp"

namespace pawl::config {

// memory and cpus, of the table `run` and of those of processes.
void read_limits(table_reader& reader, std::uint64_t& memory_bytes, std::uint32_t& millicpus);

// The table "process", in which each process has a table of its own. Problems: names that no
// process can have; more than limits::processes.
void read_processes(const toml_entry& entry, std::vector<process_settings>& processes,
                    problem_list& problems);

// [deploy] strategy.
void read_deploy(const toml_entry& entry, deploy_settings& deploy, problem_list& problems);

// Adds what the lines of the Procfile say and the manifest does not: processes, and commands of
// processes that have none. Lines named web and release are not looked at.
void add_procfile(const std::vector<procfile_process>& lines,
                  std::vector<process_settings>& processes, problem_list& problems);

// Each process has a command, and all of the app's instances are within the limit of a lane.
void check_processes(const manifest& app, problem_list& problems);

} // namespace pawl::config
