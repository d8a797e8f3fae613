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

void add_variables(std::map<std::string, std::string>& env,
                   const std::vector<variable_text>& variables) {
  for (const auto& one : variables)
    env[one.name] = std::string{one.value.reveal()};
}

void add_app(std::map<std::string, std::string>& env, const instance_spec& spec) {
  std::map<std::string_view, std::string_view> lane;
  for (const auto& one : spec.variables)
    lane.emplace(one.name, one.value.reveal());
  const auto look = [&](std::string_view name) {
    const auto found = lane.find(name);
    return found == lane.end() ? std::nullopt : std::optional{found->second};
  };
  std::vector<std::string> missing; // none: the lane has looked (check_references)
  for (const auto& [name, value] : spec.settings.run.env)
    env[name] = expand_variables(value, look, missing);
  add_variables(env, spec.variables);
  env["PAWL_APP"] = spec.lane.app;
  env["PAWL_CLUSTER"] = spec.lane.cluster;
  env["PAWL_VERSION"] = to_string(spec.version);
  env["PAWL_DEPLOYMENT"] = spec.deployment;
  env["PAWL_PROCESS"] = spec.process;
  add_commit(env, spec.commit);
}

} // namespace pawl
