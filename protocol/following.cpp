#include "protocol/following.hpp"

#include "protocol/checks.hpp"

namespace pawl::protocol {

using namespace checks;

namespace {

// A deployment's id, and a number. Only the records tell whether there is such an instance.
result<void> instance_name(std::string_view name) {
  return at_most("an instance's name", name.size(), limits::instance_name_bytes);
}

} // namespace

result<void> check(const follow_request& m) {
  if (m.from == 0)
    return wrong("events are numbered from 1; there is no event 0 to start from");
  return first_error(deployment_prefix(m.deployment), credit(m.credit));
}

result<void> check(const follow_credit& m) {
  return credit(m.events);
}

result<void> check(const logs_request& m) {
  auto needs_app = m.deployment.empty();
  return first_error(
      needs_app || !m.app.empty() ? check_name("app", m.app) : result<void>{},
      cluster_or_only(m.cluster), needs_app ? result<void>{} : deployment_prefix(m.deployment),
      at_most("the request", m.lines, limits::log_lines_max, "lines"), credit(m.credit, "lines"),
      at_most("the request", m.places.size(), limits::log_places, "places"),
      each(m.places, [](const log_place& place) { return instance_name(place.instance); }));
}

result<void> check(const events& m) {
  return first_error(word("the id", m.deployment),
                     at_most("a page", m.list.size(), limits::event_credit, "events"),
                     each(m.list, journal_event));
}

result<void> check(const followed& m) {
  return record(m.deployment);
}

result<void> check(const log_lines& m) {
  for (const auto& line : m.lines)
    if (auto fits = at_most("a log line", line.size(), limits::log_line_bytes); !fits)
      return fits;
  return first_error(instance_name(m.instance),
                     at_most("a page", m.lines.size(), limits::log_page_lines, "lines"),
                     at_most("a page", m.times.size(), limits::log_page_lines, "times"));
}

} // namespace pawl::protocol
