#include "engines/commands/app_environment.hpp"

namespace pawl {

void add_commit(std::map<std::string, std::string>& env, const source_commit& commit) {
  env.erase("PAWL_COMMIT");
  env.erase("PAWL_BRANCH");
  if (!commit.sha.empty())
    env["PAWL_COMMIT"] = commit.sha;
  if (!commit.branch.empty())
    env["PAWL_BRANCH"] = commit.branch;
}

void add_app(std::map<std::string, std::string>& env, const instance_spec& spec) {
  for (const auto& [name, value] : spec.settings.run.env)
    env[name] = value;
  env["PAWL_APP"] = spec.lane.app;
  env["PAWL_CLUSTER"] = spec.lane.cluster;
  env["PAWL_VERSION"] = to_string(spec.version);
  env["PAWL_DEPLOYMENT"] = spec.deployment;
  env["PAWL_PROCESS"] = spec.process;
  add_commit(env, spec.commit);
}

} // namespace pawl
