// Reads a token from a person or a program.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/secret.hpp"

#include <string_view>

namespace pawl::cli {

// Whether somebody can be asked: stdin and stderr are a terminal.
bool can_ask();

// Asks on the terminal, which does not show what is typed; only where can_ask(). cancelled if the
// person interrupts, or ends the input.
result<secret> ask_secret(std::string_view question);

// All of stdin, without the white space at its ends. invalid_argument if there is nothing, or more
// than a token has.
result<secret> read_secret_from_stdin();

} // namespace pawl::cli
