// The properties of the table in switch_ledger.hpp, proved at compile time in every file that uses
// it.
#pragma once

#include "lifecycle/switch_ledger.hpp"

namespace pawl::proofs {

inline constexpr std::size_t routing_count = routing_table.size();

constexpr std::size_t index(routing of) {
  return static_cast<std::size_t>(of);
}

constexpr bool routing_rows_in_order() {
  for (std::size_t i = 0; i < routing_count; ++i)
    if (index(routing_table[i].routing) != i)
      return false;
  for (std::size_t i = 0; i < routing_event_table.size(); ++i)
    if (static_cast<std::size_t>(routing_event_table[i].event) != i)
      return false;
  return true;
}

constexpr bool routing_rules_are_unique() {
  for (std::size_t i = 0; i < routing_rules.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (routing_rules[i].from == routing_rules[j].from &&
          routing_rules[i].event == routing_rules[j].event)
        return false;
  return true;
}

constexpr bool every_routing_rule_changes_something() {
  for (const auto& rule : routing_rules)
    if (rule.from == rule.to)
      return false;
  return true;
}

constexpr bool every_routing_event_has_a_rule() {
  for (const auto& row : routing_event_table) {
    bool found = false;
    for (const auto& rule : routing_rules)
      found = found || rule.event == row.event;
    if (!found)
      return false;
  }
  return true;
}

// Along the rules, from `from` to `to`.
constexpr bool routing_leads_to(routing from, routing to) {
  std::array<bool, routing_count> seen{};
  seen[index(from)] = true;
  for (std::size_t round = 0; round < routing_count; ++round)
    for (const auto& rule : routing_rules)
      if (seen[index(rule.from)])
        seen[index(rule.to)] = true;
  return seen[index(to)];
}

// Nothing is open for ever, as long as the router answers in the end.
constexpr bool every_routing_is_reached_and_settles() {
  for (const auto& row : routing_table)
    if (!routing_leads_to(routing::settled, row.routing) ||
        !routing_leads_to(row.routing, routing::settled))
      return false;
  return true;
}

// A deployment that the router may send requests to settles only by the router's word: that it
// switched (and the store has it), or that it sends nothing.
constexpr bool only_the_router_settles() {
  for (const auto& rule : routing_rules)
    if (rule.to == routing::settled && rule.event != routing_event::left &&
        rule.event != routing_event::went_live)
      return false;
  return true;
}

// While the router has not said that it sends a deployment nothing, it is not asked to switch to
// it.
constexpr bool those_that_leave_are_not_switched_to() {
  for (const auto& row : routing_table)
    if (keeps_others_back(row.routing) &&
        next_routing(row.routing, routing_event::switch_asked) != row.routing)
      return false;
  return true;
}

// A switch ends in the store or is given up, whatever else happens.
constexpr bool a_switch_has_two_ends() {
  for (const auto& rule : routing_rules)
    if (rule.from == routing::switching && rule.event != routing_event::went_live &&
        rule.event != routing_event::given_up)
      return false;
  return true;
}

static_assert(routing_rows_in_order());
static_assert(routing_rules_are_unique());
static_assert(every_routing_rule_changes_something());
static_assert(every_routing_event_has_a_rule());
static_assert(every_routing_is_reached_and_settles());
static_assert(only_the_router_settles());
static_assert(those_that_leave_are_not_switched_to());
static_assert(a_switch_has_two_ends());
static_assert(next_routing(routing::switching, routing_event::given_up) == routing::possible,
              "a switch that was given up may have happened all the same");
static_assert(next_routing(routing::undecided, routing_event::refused) == routing::undecided,
              "the router is asked until it confirms");

} // namespace pawl::proofs
