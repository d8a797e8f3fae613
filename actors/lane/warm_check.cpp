#include "actors/lane/warm_check.hpp"

#include "actors/lane/instance_specs.hpp"

namespace pawl {

namespace {

warm_finding finding_of(const error& why) {
  warm_finding found{old_version::unhealthy, why.message};
  found.was_refused = why.code != errc::unhealthy;
  return found;
}

} // namespace

void warm_check::ask(version_number version, const std::optional<config_number>& config,
                     std::function<void(const warm_finding&)> then) {
  const auto* warm = replaced_.begin_check(version, config);
  if (warm == nullptr)
    return then({});
  errands_.begin();
  auto worker = lane_.with.make_activation_worker(lane_reports_actor{lane_.self});
  auto order = takeover_of(*warm, warm->id, lane_.with.cluster, lane_.with.hosts(lane_.lane));
  const auto patience = order.health.deadline + limits::activation_grace;
  auto end = [this, worker, id = warm->id, begun = lane_.self->clock().now(),
              then = std::move(then)](warm_finding found) {
    lane_.self->send_exit(worker, caf::exit_reason::user_shutdown);
    found.took = lane_.self->clock().now() - begun;
    lane_.commits.enqueue([this, id, then, found = std::move(found)] {
      errands_.end();
      replaced_.end_check(id);
      then(found);
      lane_.events.look_for_idleness();
    });
  };
  lane_.self->request(worker, patience, std::move(order))
      .then(
          [end](const result<std::vector<instance>>& passed) {
            end(passed ? warm_finding{old_version::healthy} : finding_of(passed.error()));
          },
          [end](const caf::error& why) {
            end(finding_of(
                {errc::internal, "the check had no answer: " + caf::to_string(why), {}}));
          });
}

} // namespace pawl
