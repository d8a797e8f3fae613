#include "actors/lane/going_back.hpp"

#include "lifecycle/bounded_text.hpp"
#include "lifecycle/own_requests.hpp"

#include <fmt/format.h>

namespace pawl {

std::string going_back::request_id() const {
  return fmt::format("{}watch:{}", own_request_prefix, lane_.facts.active()->id);
}

void going_back::consider(const std::string& why) {
  const auto before = versions_.watch_fallback(request_id());
  if (!before || std::exchange(checking_, true))
    return;
  checks_.ask(*before->version, before->config,
              [this, active = lane_.facts.active()->id, why](const warm_finding& old) {
                checking_ = false;
                judge(active, why, old);
              });
}

// Meanwhile somebody may have deployed, and it may have recovered.
void going_back::judge(const std::string& active, const std::string& why, const warm_finding& old) {
  const auto& now = lane_.facts.active();
  if (!now || now->id != active || lane_.facts.busy() || old.was_refused)
    return;
  const auto before = versions_.watch_fallback(request_id());
  if (!before)
    return;
  switch (judge_both(service_.is_bad(), old.is, service_.is_held())) {
  case watch_verdict::stay:
    return service_.end_hold();
  case watch_verdict::hold:
    return hold(*before, old);
  case watch_verdict::go_back:
    return go_back(*before, why);
  }
}

// Its journal is closed: the status says it.
void going_back::hold(const deployment& before, const warm_finding& old) {
  service_.hold(shortened(
      fmt::format("{0} fails the same check ({1}): the dependency is down, not the release, so {2} "
                  "is not rolled back. If {0} is healthy again before {2} is, the server goes back",
                  to_string(*before.version), old.detail,
                  to_string(*lane_.facts.active()->version)),
      limits::message_bytes));
}

void going_back::go_back(const deployment& before, const std::string& why) {
  const auto& active = *lane_.facts.active();
  auto draft = versions_.draft_again(operation::rollback, *before.version);
  if (!draft)
    return;
  draft->config = before.config;
  draft->by = "pawl";
  draft->request_id = request_id();
  draft->message = fmt::format(
      "{} turned unhealthy within {} s after it went live: {}", to_string(*active.version),
      std::chrono::ceil<std::chrono::seconds>(lane_.with.cluster.watch_period).count(), why);
  draft->message = shortened(std::move(draft->message), limits::message_bytes);
  auto text = fmt::format("{} (deployment {}): going back to {} (deployment {})", draft->message,
                          active.id, to_string(*before.version), before.id);
  if (service_.is_held())
    text += fmt::format(". It was held while {0} failed the same check; {0} passes it again",
                        to_string(*before.version));
  requests_.begin_by_itself(std::move(*draft), std::move(text));
}

} // namespace pawl
