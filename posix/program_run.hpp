// Runs a program of the system to its end. Any thread.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawl {

// The path of a program, from the directories of PATH and those of the system's programs; nothing
// if none of them has it.
std::optional<std::string> find_program(std::string_view name);

struct program_call {
  std::string program = {};                          // absolute
  std::vector<std::string> arguments;                // after argv[0]
  std::string input = {};                            // its stdin
  std::vector<std::pair<int, int>> descriptors = {}; // further ones: number here, number there
  std::chrono::seconds timeout{30};
};

// Its stdout, of which 1 MiB is kept. Fails: unavailable, with its name and the beginning of its
// stderr, if it does not end with status 0 in time; resource_exhausted. Blocks. The program ends
// with the calling thread.
result<std::string> run_program(const program_call& call);

} // namespace pawl
