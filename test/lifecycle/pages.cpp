#include "test/lifecycle/pages.hpp"

#include "lifecycle/error.hpp"
#include "lifecycle/state_machine.hpp"
#include "lifecycle/switch_ledger.hpp"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace pawl::test {

namespace {

constexpr std::string_view states_head = R"(# The states of a deployment

<!-- Written from lifecycle/state_machine.hpp by test_lifecycle; to write it again:
     PAWL_WRITE_PAGES=1 ctest --test-dir build/dev -R '^lifecycle$' -->

A deployment moves only as this page says: one function, `transition(from, to)`, decides, and
nothing else writes a state. In each state the server has one thing to do; after a crash it does
the same again, so each is repeatable.

| state | | meaning | what the server does | may go to |
| --- | --- | --- | --- | --- |
)";

constexpr std::string_view states_foot = R"(
In flight: the deployment occupies its lane. At most one deployment of a lane is in flight, and
exactly one is active once any has been.

)";

constexpr std::string_view routing_head = R"(
## The routing of a deployment

<!-- Written from lifecycle/switch_ledger.hpp, with the rest of this page. -->

Whether the router may send requests to a deployment is a second, smaller machine. A lane keeps it
in memory for each deployment that it has tried; after a restart it begins with `found`, and asks
the router again. Leaving the router first means: before its instances stop.

| routing | meaning | others may activate | it can be cancelled | it leaves the router first |
| --- | --- | --- | --- | --- |
)";

constexpr std::string_view routing_middle = R"(
A deployment that has served leaves the router first in every state of this table.

| event | when |
| --- | --- |
)";

constexpr std::string_view errors_head = R"(# The errors

<!-- Written from lifecycle/error.hpp by test_lifecycle; to write it again:
     PAWL_WRITE_PAGES=1 ctest --test-dir build/dev -R '^lifecycle$' -->

A request gives a value, or an error of one type: `{code, message, details}`. `code` is from this
table, `message` says to a person what is wrong and what to do, `details` is a map of strings for
programs. `pawl` exits with 0 when the deployment became active, with 1 on any other error than
these, and with 130 when it was interrupted. The last column is for whatever carries these errors
over HTTP.

| code | when | exit status | HTTP |
| --- | --- | --- | --- |
)";

std::string_view what_happens(action next) {
  switch (next) {
  case action::wait_for_turn:
    return "waits until the lane's deployments in front have ended";
  case action::receive_source:
    return "takes the upload in, verifies it, reads its manifest";
  case action::build:
    return "makes the artifact";
  case action::push:
    return "stores the artifact where the engine can start it, and gives the version";
  case action::run_release:
    return "runs the app's release command, once";
  case action::activate:
    return "starts instances, checks them, switches the traffic";
  case action::stop_work:
    return "stops workers and new instances";
  case action::watch_instances:
    return "keeps its instances up";
  case action::nothing:
    return "nothing: the state is final";
  }
  return "";
}

std::string ways_out(state from) {
  std::string ways;
  for (const auto& rule : transition_table)
    if (rule.from == from)
      ways += fmt::format("{}`{}`", ways.empty() ? "" : ", ", to_string(rule.to));
  return ways;
}

std::string kind_of(state s) {
  if (is_final(s))
    return "final";
  return is_in_flight(s) ? "in flight" : "";
}

std::string operations_that_begin_in(state s) {
  std::string names;
  for (auto op : {operation::deploy, operation::rollback, operation::promote, operation::configure})
    if (may_begin(op, s))
      names += fmt::format("{}{}", names.empty() ? "" : ", ", to_string(op));
  return names;
}

std::string state_rows() {
  std::string rows;
  for (const auto& row : state_table)
    rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, kind_of(row.state), row.meaning,
                        what_happens(row.next), ways_out(row.state));
  return rows;
}

std::string diagram() {
  std::string lines = "```mermaid\nstateDiagram-v2\n";
  for (const auto& row : state_table)
    if (auto names = operations_that_begin_in(row.state); !names.empty())
      lines += fmt::format("  [*] --> {}: {}\n", row.name, names);
  for (const auto& rule : transition_table)
    lines += fmt::format("  {} --> {}\n", to_string(rule.from), to_string(rule.to));
  for (const auto& row : state_table)
    if (is_final(row.state))
      lines += fmt::format("  {} --> [*]\n", row.name);
  return lines + "```\n";
}

std::string_view yes_or_no(bool is) {
  return is ? "yes" : "no";
}

// The answers of a ledger that has one deployment, in that state.
std::string routing_rows() {
  std::string rows;
  for (const auto& row : routing_table) {
    auto ledger = ledger_with("d", row.routing);
    rows += fmt::format("| `{}` | {} | {} | {} | {} |\n", row.name, row.meaning,
                        yes_or_no(ledger.may_begin_activation()),
                        yes_or_no(!ledger.too_late_to_cancel("d")),
                        yes_or_no(ledger.must_leave_first("d", state::failed)));
  }
  return rows;
}

std::string routing_event_rows() {
  std::string rows;
  for (const auto& row : routing_event_table)
    rows += fmt::format("| `{}` | {} |\n", row.name, row.meaning);
  return rows;
}

std::string routing_diagram() {
  std::string lines = "\n```mermaid\nstateDiagram-v2\n  [*] --> settled\n";
  for (const auto& rule : routing_rules)
    lines += fmt::format("  {} --> {}: {}\n", to_string(rule.from), to_string(rule.to),
                         to_string(rule.event));
  return lines + "```\n";
}

} // namespace

// The shortest way there: events are searched breadth first.
switch_ledger ledger_with(const std::string& deployment, routing wanted) {
  std::vector<switch_ledger> reached{{}};
  for (std::size_t i = 0; i < reached.size() && i < 1000; ++i) {
    if (reached[i].routing_of(deployment) == wanted)
      return reached[i];
    for (const auto& row : routing_event_table) {
      auto next = reached[i];
      next.record(deployment, row.event);
      reached.push_back(std::move(next));
    }
  }
  return {};
}

std::string states_page() {
  return fmt::format("{}{}{}{}{}{}{}{}{}", states_head, state_rows(), states_foot, diagram(),
                     routing_head, routing_rows(), routing_middle, routing_event_rows(),
                     routing_diagram());
}

std::string errors_page() {
  std::string page{errors_head};
  for (const auto& row : error_table)
    page += fmt::format("| `{}` | {} | {} | {} |\n", row.name, row.when, row.exit, row.http);
  return page;
}

} // namespace pawl::test
