#include "client/terminal/text_plan.hpp"

#include "client/terminal/time.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

std::string short_time(duration time) {
  return time < std::chrono::seconds{1} ? fmt::format("{} ms", time.count()) : elapsed(time);
}

// A line, or nothing.
std::string variables_that_differ(const protocol::planned& plan) {
  std::string text;
  const auto add = [&text](std::string_view mark, const std::vector<std::string>& names) {
    for (const auto& name : names)
      text += fmt::format(" {}{}", mark, printable(name));
  };
  add("+", plan.added);
  add("~", plan.changed);
  add("-", plan.removed);
  if (text.empty())
    return text;
  return fmt::format("variables of {}:{} (--keep-config keeps the present ones)\n",
                     plan.config ? fmt::format("revision {}", *plan.config) : "no revision", text);
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
      "{}{}\n{}"
      "to do it: pawl rollback {} -a {} -C {}\n",
      printable(plan.app), printable(plan.cluster), plan.from ? to_string(*plan.from) : "nothing",
      how.strong(to_string(plan.to)), printable(plan.deployment), start,
      plan.expected_ms ? "; expected to take " + short_time(duration{*plan.expected_ms}) : "",
      variables_that_differ(plan), to_string(plan.to), printable(plan.app),
      printable(plan.cluster));
}

} // namespace pawl::client
