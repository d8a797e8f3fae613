// Variables as they are given to pawl env set: in words, in files, on stdin.
#pragma once

#include "lifecycle/variables.hpp"

#include <string>
#include <vector>

namespace pawl::cli {

// KEY=VALUE; KEY=- with all of stdin, which one of them may have; KEY=@FILE with all of a file.
// Beside them those of .env files. Reads the files and stdin; blocks. Fails: invalid_argument,
// naming the word, the file or its line, and never a value; too_large, before more is read.
result<std::vector<variable_text>> read_variables(const std::vector<std::string>& words,
                                                  const std::vector<std::string>& files,
                                                  bool is_secret);

} // namespace pawl::cli
