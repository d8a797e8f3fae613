#include "protocol/serving.hpp"

#include "protocol/checks.hpp"

#include <fmt/format.h>

namespace pawl::protocol {

using namespace checks;

namespace {

template <class Message>
result<void> names_lane(const Message& m) {
  return first_error(check_name("app", m.app), cluster_or_only(m.cluster));
}

// Only the lane knows which processes there are.
result<void> process_name(std::string_view name) {
  return at_most("the name of a process", name.size(), limits::process_name_bytes);
}

result<void> count(const process_count& one) {
  if (one.instances > limits::instances_per_lane)
    return wrong(fmt::format("{} cannot have {} instances: {} is the most for all processes of an "
                             "app together",
                             one.process.substr(0, limits::process_name_bytes), one.instances,
                             limits::instances_per_lane));
  return process_name(one.process);
}

} // namespace

result<void> check(const processes_request& m) {
  return names_lane(m);
}

result<void> check(const scale_request& m) {
  if (m.counts.empty())
    return wrong("no process is named: name one with its number of instances, such as web=2");
  return first_error(names_lane(m),
                     at_most("the request", m.counts.size(), limits::processes + 1, "processes"),
                     each(m.counts, count));
}

result<void> check(const stop_request& m) {
  return names_lane(m);
}

result<void> check(const start_request& m) {
  return names_lane(m);
}

result<void> check(const restart_request& m) {
  return first_error(client_request_id(m.request_id), names_lane(m), message_text(m.message),
                     process_name(m.process.value_or("")));
}

result<void> check(const process_list& m) {
  return first_error(
      word("the app", m.app), word("the cluster", m.cluster), word("the id", m.deployment),
      at_most("the app", m.processes.size(), limits::processes + 1, "processes"),
      each(m.processes, [](const process_view& one) { return word("a process", one.process); }));
}

} // namespace pawl::protocol
