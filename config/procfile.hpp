// Reads a Procfile: a line "NAME: COMMAND" for each process of an app.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::config {

struct procfile_process {
  std::string name;    // letters, digits, _ and -
  std::string command; // for /bin/sh; never empty
};

// In the order of the file; other lines (comments, names without a command) are left
// out, and so is a name that stood before.
std::vector<procfile_process> read_procfile(std::string_view text);

// The numbers, from 1, of the lines from which no process comes and that are no comments: they have
// no name, no command, or a name that stood before.
std::vector<std::size_t> unused_of_procfile(std::string_view text);

// The command of the first process of that name.
std::optional<std::string> command_of(const std::vector<procfile_process>& all,
                                      std::string_view name);

} // namespace pawl::config
