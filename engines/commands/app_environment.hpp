// The environment that an app finds on every engine.
#pragma once

#include "engines/engine.hpp"

#include <map>
#include <string>

namespace pawl {

// Sets PAWL_COMMIT and PAWL_BRANCH, as far as they are known; else the app has none of that name.
void add_commit(std::map<std::string, std::string>& env, const source_commit& commit);

// Variables of the lane, over those that are there.
void add_variables(std::map<std::string, std::string>& env,
                   const std::vector<variable_text>& variables);

// The variables of [run] env, where ${NAME} stands for a variable of the lane; over them those of
// the lane; and over these such as say which app, cluster, version, deployment and commit this is.
void add_app(std::map<std::string, std::string>& env, const instance_spec& spec);

} // namespace pawl
