#include "actors/lane/earlier_versions.hpp"

#include "actors/lane/refusals.hpp"
#include "lifecycle/processes.hpp"
#include "lifecycle/rollback.hpp"

namespace pawl {

result<deployment> earlier_versions::rollback_target(std::optional<version_number> version) const {
  return version ? version_live_here(*version) : version_before();
}

protocol::planned earlier_versions::plan_to(const deployment& target) const {
  protocol::planned plan{lane_.app, lane_.cluster, facts_.active()->version, *target.version,
                         target.id};
  plan.instances = instance_names_of(target).size();
  if (auto took = time_in(target, state::activating))
    plan.expected_ms = static_cast<std::uint64_t>(took->count());
  return plan;
}

result<deployment> earlier_versions::draft_of(operation op, version_number version) const {
  if (op != operation::configure && facts_.active() && facts_.active()->version == version)
    return live_already(lane_, version);
  return draft_again(op, version);
}

result<deployment> earlier_versions::draft_again(operation op, version_number version) const {
  auto released = records_.version(lane_.app, version);
  if (!released)
    return std::move(released).error();
  if (released->engine != cluster_.engine)
    return built_for_other_engine(*released, cluster_);
  deployment draft;
  draft.operation = op;
  draft.version = released->number;
  draft.internals.settings = released->settings;
  draft.internals.artifact = released->artifact;
  if (auto built = records_.find(released->deployment)) {
    draft.source = built->source;
    draft.git = built->git;
  }
  return draft;
}

result<deployment> earlier_versions::version_before() const {
  const auto& active = facts_.active();
  if (!active)
    return nothing_to_roll_back(lane_);
  rollback_search search{*active};
  auto older = active->replaces;
  for (std::size_t i = 0; older && i < limits::rollback_search; ++i) {
    auto found = records_.find(*older);
    if (!found || search.is_target(*found))
      return found;
    older = found->replaces;
  }
  return no_earlier_version(lane_);
}

result<deployment> earlier_versions::version_live_here(version_number version) const {
  const auto& active = facts_.active();
  if (active && active->version == version)
    return live_already(lane_, version);
  auto older = active ? active->replaces : std::nullopt;
  for (std::size_t i = 0; older && i < limits::rollback_search; ++i) {
    auto found = records_.find(*older);
    if (!found || found->version == version)
      return found;
    older = found->replaces;
  }
  return never_live(lane_, to_string(version));
}

// A rollback is not undone by another: what it took out of the traffic stays out.
std::optional<deployment> earlier_versions::watch_fallback(const std::string& request_id) const {
  const auto& active = *facts_.active();
  if (active.operation == operation::rollback || !active.replaces)
    return std::nullopt;
  auto tried = records_.by_request(request_id);
  if (!tried || *tried)
    return std::nullopt;
  auto before = records_.find(*active.replaces);
  if (!before || before->state != state::retired || !before->version ||
      (before->version == active.version && before->config == active.config))
    return std::nullopt;
  return std::move(*before);
}

} // namespace pawl
