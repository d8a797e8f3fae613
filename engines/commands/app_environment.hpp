// The environment that an app finds on every engine.
#pragma once

#include "engines/engine.hpp"

#include <map>
#include <string>

namespace pawl {

// Sets PAWL_COMMIT and PAWL_BRANCH, as far as they are known; else the app has none of that name.
void add_commit(std::map<std::string, std::string>& env, const source_commit& commit);

// The variables of [run] env and, over them, those that say which app, cluster, version, deployment
// and commit this is.
void add_app(std::map<std::string, std::string>& env, const instance_spec& spec);

} // namespace pawl
