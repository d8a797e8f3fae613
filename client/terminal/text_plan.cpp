#include "client/terminal/text_plan.hpp"

#include "client/terminal/time.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

std::string short_time(duration time) {
  return time < std::chrono::seconds{1} ? fmt::format("{} ms", time.count()) : elapsed(time);
}

} // namespace

std::string plan_text(const protocol::planned& plan, const look& how) {
  const auto instances =
      plan.instances == 1 ? "1 instance" : fmt::format("{} instances", plan.instances);
  const auto start = plan.readiness == readiness::warm
                         ? fmt::format("{} warm: one check and one switch", instances)
                         : fmt::format("{} cold: started, checked and switched to", instances);
  return fmt::format(
      "{} in {} would go from {} to {} (built by deployment {}); nothing was changed\n"
      "{}{}\n"
      "to do it: pawl rollback {} -a {} -C {}\n",
      printable(plan.app), printable(plan.cluster), plan.from ? to_string(*plan.from) : "nothing",
      how.strong(to_string(plan.to)), printable(plan.deployment), start,
      plan.expected_ms ? "; expected to take " + short_time(duration{*plan.expected_ms}) : "",
      to_string(plan.to), printable(plan.app), printable(plan.cluster));
}

} // namespace pawl::client
