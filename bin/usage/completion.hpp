// The candidates for the end of a command line that is being typed.
#pragma once

#include "bin/usage/command_tree.hpp"

#include <map>

namespace pawl::usage {

struct candidate {
  std::string word;
  std::string text; // what it is, in a few words
};

struct completion {
  std::vector<candidate> words = {};             // commands and options that begin as typed
  std::string value = {};                        // a value is wanted, such as "APP"
  std::string begun = {};                        // what is typed of the last word
  std::map<std::string, std::string> given = {}; // the values before, by what they are: "APP"
};

// `words` are those after the program's name; the last one is being typed, and may be empty.
completion complete(const command& program, const std::vector<std::string>& words);

} // namespace pawl::usage
