// Tables of variables: the names that programs and shells take, and texts.
#pragma once

#include "config/table_reader.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pawl::config {

// The table `key` of `outer`, whose name is `outer_name`; each name that no variable can have is a
// problem.
void read_variables(table_reader& outer, std::string_view outer_name, std::string_view key,
                    std::map<std::string, std::string>& variables, problem_list& problems);

} // namespace pawl::config
