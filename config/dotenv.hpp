// Files of variables, as .env files are written for many programs.
#pragma once

#include "lifecycle/variables.hpp"

namespace pawl::config {

// Lines KEY=VALUE, which `export ` may precede; empty lines, and comments after a #. A value in
// single quotes is taken as it is; in double ones \n, \r, \t, \", \\ and \$ are one character.
// Both may go over several lines. Without quotes, white space around it is not part of it, and a #
// behind white space begins a comment. Nothing else is replaced: $NAME stays.
//
// invalid_argument with the number of the line, and never a value: for a line that is none of
// these, a name that no variable can have, one that is there twice, quotes that are not closed.
result<std::vector<variable_text>> read_dotenv(std::string_view text);

} // namespace pawl::config
