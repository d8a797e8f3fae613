#include "protocol/reading.hpp"

#include "protocol/checks.hpp"

#include <fmt/format.h>

namespace pawl::protocol {

using namespace checks;

namespace {

result<void> records(const std::vector<deployment>& list) {
  return each(list, [](const deployment& one) { return record(one); });
}

result<void> lane(const lane_view& view) {
  return first_error(
      word("the app", view.app), word("the cluster", view.cluster), record(view.active),
      record(view.in_flight),
      at_most("a lane", view.instances.size(), limits::instances_per_lane * 2, "instances"),
      records(view.queued),
      at_most("a lane", view.warm.size(), limits::record_members, "warm versions"));
}

} // namespace

result<void> check(const show_request& m) {
  return deployment_prefix(m.deployment);
}

result<void> check(const status_request& m) {
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> check(const history_request& m) {
  if (m.limit == 0 || m.limit > limits::history_page_max)
    return wrong(
        fmt::format("a page of the history has 1 to {} records", limits::history_page_max));
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster),
                     optional_text("the author", m.by, limits::git_field_bytes),
                     commit_prefix(m.commit),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> check(const versions_request& m) {
  return first_error(optional_name("app", m.app),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> check(const shown& m) {
  return record(m.deployment);
}

result<void> check(const lane_list& m) {
  return first_error(each(m.lanes, lane), next_cursor(m.next_cursor));
}

result<void> check(const history_list& m) {
  return first_error(at_most("a page", m.deployments.size() + m.damaged.size(),
                             limits::history_page_max, "records"),
                     records(m.deployments), next_cursor(m.next_cursor));
}

result<void> check(const version_list& m) {
  const auto check_one = [](const version_view& one) {
    return first_error(word("the app", one.app), word("the id", one.deployment),
                       words("the cluster", one.live_in));
  };
  return first_error(each(m.versions, check_one), next_cursor(m.next_cursor));
}

result<void> check(const app_list& m) {
  return each(m.apps, [](const app_view& one) {
    return first_error(word("the app", one.app), words("the cluster", one.clusters));
  });
}

result<void> check(const cluster_list& m) {
  return each(m.clusters, [](const cluster_view& one) { return word("the cluster", one.name); });
}

} // namespace pawl::protocol
