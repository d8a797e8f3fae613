// Properties of the table in state_machine.hpp, proved at compile time in every file that includes
// it.
#pragma once

#include "lifecycle/state_machine.hpp"

namespace pawl::proofs {

inline constexpr std::size_t state_count = state_table.size();
using state_set = std::array<bool, state_count>;

constexpr std::size_t index(state s) {
  return static_cast<std::size_t>(s);
}

constexpr state_set reachable_from(state_set seen) {
  for (std::size_t round = 0; round < state_count; ++round)
    for (const auto& rule : transition_table)
      if (seen[index(rule.from)])
        seen[index(rule.to)] = true;
  return seen;
}

constexpr bool all(const state_set& set) {
  for (bool member : set)
    if (!member)
      return false;
  return true;
}

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < state_count; ++i)
    if (index(state_table[i].state) != i)
      return false;
  return true;
}

constexpr bool rules_are_unique() {
  for (std::size_t i = 0; i < transition_table.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (transition_table[i].from == transition_table[j].from &&
          transition_table[i].to == transition_table[j].to)
        return false;
  return true;
}

// Paths end because every rule goes forward in the order of the enumeration: a table without a
// cycle.
constexpr bool rules_go_forward() {
  for (const auto& rule : transition_table)
    if (index(rule.to) <= index(rule.from))
      return false;
  return true;
}

constexpr bool every_operation_reaches_every_state() {
  for (auto op :
       {operation::deploy, operation::rollback, operation::promote, operation::configure}) {
    state_set begin{};
    begin[index(state::queued)] = true;
    begin[index(first_step(op))] = true;
    if (!all(reachable_from(begin)))
      return false;
  }
  return true;
}

// Every deployment in flight can be given up: by a cancel, or by a failure.
constexpr bool work_can_be_given_up() {
  for (const auto& row : state_table) {
    if (!is_in_flight(row.state) || row.state == state::cancelling)
      continue;
    if (!transition(row.state, state::cancelling) || !transition(row.state, state::failed))
      return false;
  }
  return true;
}

constexpr bool only_final_states_have_nothing_to_do() {
  for (const auto& row : state_table)
    if (is_final(row.state) != (row.next == action::nothing))
      return false;
  return true;
}

static_assert(rows_in_order());
static_assert(rules_are_unique());
static_assert(rules_go_forward());
static_assert(every_operation_reaches_every_state());
static_assert(work_can_be_given_up());
static_assert(only_final_states_have_nothing_to_do());
static_assert(!is_final(state::active) && is_final(state::failed) && is_final(state::retired));
static_assert(!transition(state::cancelling, state::failed), "a cancel ends in cancelled, always");
static_assert(!transition(state::active, state::failed), "what serves is replaced, never failed");

} // namespace pawl::proofs
