// The state machine against the specification's rows, written out again here: the table in
// lifecycle/state_machine.hpp is never asked what it should be.
#include "lifecycle/state_machine.hpp"
#include "test/support/print.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(state_machine)

namespace {

using namespace pawl;

// State, what the server does in it, where it may go, as the specification has them.
struct specified {
  state from;
  std::string name;
  action next;
  std::vector<state> to;
};

const std::vector<specified>& specification() {
  using s = state;
  static const std::vector<specified> rows{
      {s::queued,
       "queued",
       action::wait_for_turn,
       {s::preparing, s::activating, s::superseded, s::cancelling, s::failed}},
      {s::preparing, "preparing", action::receive_source, {s::building, s::cancelling, s::failed}},
      {s::building, "building", action::build, {s::pushing, s::cancelling, s::failed}},
      {s::pushing,
       "pushing",
       action::push,
       {s::releasing, s::activating, s::cancelling, s::failed}},
      {s::releasing, "releasing", action::run_release, {s::activating, s::cancelling, s::failed}},
      {s::activating, "activating", action::activate, {s::active, s::cancelling, s::failed}},
      {s::cancelling, "cancelling", action::stop_work, {s::cancelled}},
      {s::active, "active", action::watch_instances, {s::retired, s::rolled_back}},
      {s::retired, "retired", action::nothing, {}},
      {s::rolled_back, "rolled_back", action::nothing, {}},
      {s::superseded, "superseded", action::nothing, {}},
      {s::cancelled, "cancelled", action::nothing, {}},
      {s::failed, "failed", action::nothing, {}},
  };
  return rows;
}

std::set<state> set_of(bool (*predicate)(state) noexcept) {
  std::set<state> members;
  for (const auto& row : specification())
    if (predicate(row.from))
      members.insert(row.from);
  return members;
}

BOOST_AUTO_TEST_CASE(every_pair_of_states_is_legal_exactly_where_the_specification_says) {
  const auto& rows = specification();
  BOOST_REQUIRE(rows.size() == 13U);
  BOOST_REQUIRE(state_table.size() == rows.size());
  std::size_t pairs = 0;
  std::size_t legal = 0;
  for (const auto& from : rows)
    for (const auto& to : rows) {
      bool allowed = std::count(from.to.begin(), from.to.end(), to.from) == 1;
      BOOST_TEST(transition(from.from, to.from) == allowed, from.name << " to " << to.name);
      ++pairs;
      legal += allowed ? 1 : 0;
    }
  BOOST_TEST(pairs == 169U);
  BOOST_TEST(legal == transition_table.size());
}

BOOST_AUTO_TEST_CASE(no_state_may_be_entered_again_from_itself) {
  for (const auto& row : specification())
    BOOST_TEST(!transition(row.from, row.from), row.name);
}

BOOST_AUTO_TEST_CASE(every_state_has_its_name_and_its_next_action) {
  for (const auto& row : specification()) {
    BOOST_TEST(to_string(row.from) == row.name);
    BOOST_TEST(parse_state(row.name) == row.from, row.name);
    BOOST_TEST(next_action(row.from) == row.next, row.name);
    BOOST_TEST(!info(row.from).meaning.empty(), row.name);
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_states_is_not_parsed) {
  for (auto name : {"", "Queued", "queued ", "rolled-back", "unknown"})
    BOOST_TEST(!parse_state(name).has_value(), name);
}

BOOST_AUTO_TEST_CASE(the_final_states_are_those_without_a_way_out) {
  BOOST_TEST(set_of(is_final) == (std::set{state::retired, state::rolled_back, state::superseded,
                                           state::cancelled, state::failed}));
}

BOOST_AUTO_TEST_CASE(in_flight_is_preparing_to_activating_and_cancelling) {
  BOOST_TEST(
      (set_of(is_in_flight) == std::set{state::preparing, state::building, state::pushing,
                                        state::releasing, state::activating, state::cancelling}));
}

BOOST_AUTO_TEST_CASE(followers_wait_for_active_or_a_final_state) {
  BOOST_TEST(set_of(is_settled) == (std::set{state::active, state::retired, state::rolled_back,
                                             state::superseded, state::cancelled, state::failed}));
}

BOOST_AUTO_TEST_CASE(what_was_active_is_active_retired_or_rolled_back) {
  BOOST_TEST(set_of(was_active) == (std::set{state::active, state::retired, state::rolled_back}));
}

BOOST_AUTO_TEST_CASE(what_comes_after_pushing_needs_a_version) {
  BOOST_TEST(set_of(needs_version) == (std::set{state::releasing, state::activating, state::active,
                                                state::retired, state::rolled_back}));
}

BOOST_AUTO_TEST_CASE(a_deployment_begins_queued_or_at_its_operations_first_step) {
  const std::map<operation, state> first{{operation::deploy, state::preparing},
                                         {operation::rollback, state::activating},
                                         {operation::promote, state::activating},
                                         {operation::configure, state::activating}};
  for (auto [op, step] : first) {
    BOOST_TEST(first_step(op) == step, to_string(op));
    for (const auto& row : specification())
      BOOST_TEST(may_begin(op, row.from) == (row.from == state::queued || row.from == step),
                 to_string(op) << " in " << row.name);
  }
}

BOOST_AUTO_TEST_CASE(operations_are_called_by_their_names) {
  BOOST_TEST(to_string(operation::deploy) == "deploy");
  BOOST_TEST(to_string(operation::rollback) == "rollback");
  BOOST_TEST(to_string(operation::promote) == "promote");
  BOOST_TEST(to_string(operation::configure) == "configure");
  for (auto op : {operation::deploy, operation::rollback, operation::promote, operation::configure})
    BOOST_TEST(parse_operation(to_string(op)) == op);
  BOOST_TEST(!parse_operation("Deploy").has_value());
  BOOST_TEST(!parse_operation("").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
