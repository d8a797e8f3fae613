// Completion in shells: a short script passes the line that is being typed to `pawl __complete`,
// which answers from the tree of the commands and, for values, from the server.
#pragma once

#include "bin/pawl/command.hpp"
#include "bin/usage/command_tree.hpp"

namespace pawl::cli {

void add_completion(CLI::App& program, runner& chosen);

// Prints the candidates for the last of these words (those after "pawl __complete"), one a line,
// each with an explanation after a tab; ":directories" where the shell is to offer directories.
// Does without the values of a server that does not answer at once. Prints nothing else, whatever
// happens.
int complete_words(const usage::command& program, const std::vector<std::string>& words);

} // namespace pawl::cli
