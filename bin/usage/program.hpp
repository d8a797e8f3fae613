// The handling of the command line that both programs share: help, version, mistakes, and the pages
// of the manual.
#pragma once

#include "bin/usage/command_tree.hpp"

namespace CLI {
class ParseError;
}

namespace pawl::usage {

// Columns for the help: those of the terminal on stdout, at most 100; 80 where there is none.
std::size_t help_columns();

// The message for a mistake in the command line: what is wrong, the nearest name that is right, and
// where to read on.
std::string mistake(const command& program, const CLI::ParseError& problem,
                    const std::vector<std::string>& words);

// Writes a page for the program and for each of its commands into a directory that exists, PAGE.1
// each. Returns the exit status; prints on stderr which page cannot be written.
int write_manual(const command& program, const std::string& directory, std::string_view release);

} // namespace pawl::usage
