// Every state of a deployment, every legal transition, and the action of each state. Only the
// transitions of this table are legal, and no other code compares states to decide whether one is
// allowed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pawl {

// Stored and sent by name; the order is that of a deployment's life, the final states last.
enum class state : std::uint8_t {
  queued,
  preparing,
  building,
  pushing,
  releasing,
  activating,
  cancelling,
  active,
  retired,
  rolled_back,
  superseded,
  cancelled,
  failed,
};

enum class operation : std::uint8_t { deploy, rollback, promote, configure };

// The server's action for a deployment in a state. It runs again after a crash, so each is
// idempotent.
enum class action : std::uint8_t {
  wait_for_turn,   // until the lane's deployments in front have ended
  receive_source,  // take the upload in, verify it, read its manifest
  build,           // make the artifact
  push,            // store the artifact where the engine can start it; give the version
  run_release,     // run the app's release command, once
  activate,        // start instances, check them, switch the traffic
  stop_work,       // stop workers and new instances
  watch_instances, // it serves: keep its instances up
  nothing,         // final
};

struct state_info {
  pawl::state state;
  std::string_view name;
  action next;
  std::string_view meaning;
};

inline constexpr auto state_table = std::to_array<state_info>({
    {state::queued, "queued", action::wait_for_turn,
     "accepted; an earlier deployment of the lane is in flight"},
    {state::preparing, "preparing", action::receive_source,
     "the source is being received and verified"},
    {state::building, "building", action::build, "a build worker makes the artifact"},
    {state::pushing, "pushing", action::push,
     "the artifact is being stored where the engine can start it; the version is given when this "
     "ends"},
    {state::releasing, "releasing", action::run_release,
     "the app's release command runs, once (database migrations and the like)"},
    {state::activating, "activating", action::activate,
     "instances start, are checked, traffic is switched"},
    {state::cancelling, "cancelling", action::stop_work,
     "a cancel was accepted; workers and new instances are being stopped, at first politely, by a "
     "deadline by force"},
    {state::active, "active", action::watch_instances, "it serves the lane's traffic"},
    {state::retired, "retired", action::nothing,
     "was active; a later deploy, promotion or configuration took its place, or its app was "
     "destroyed"},
    {state::rolled_back, "rolled_back", action::nothing, "was active; a rollback took its place"},
    {state::superseded, "superseded", action::nothing,
     "never started; a newer request took its turn"},
    {state::cancelled, "cancelled", action::nothing, "stopped on request, before the switch"},
    {state::failed, "failed", action::nothing,
     "stopped by an error, which the record carries, with the state it happened in"},
});

struct transition_rule {
  state from;
  state to;
};

inline constexpr auto transition_table = std::to_array<transition_rule>({
    {state::queued, state::preparing},     {state::queued, state::activating},
    {state::queued, state::superseded},    {state::queued, state::cancelling},
    {state::queued, state::failed},        {state::preparing, state::building},
    {state::preparing, state::cancelling}, {state::preparing, state::failed},
    {state::building, state::pushing},     {state::building, state::cancelling},
    {state::building, state::failed},      {state::pushing, state::releasing},
    {state::pushing, state::activating},   {state::pushing, state::cancelling},
    {state::pushing, state::failed},       {state::releasing, state::activating},
    {state::releasing, state::cancelling}, {state::releasing, state::failed},
    {state::activating, state::active},    {state::activating, state::cancelling},
    {state::activating, state::failed},    {state::cancelling, state::cancelled},
    {state::active, state::retired},       {state::active, state::rolled_back},
});

// Whether a deployment may go from one state to another. The one function that decides.
constexpr bool transition(state from, state to) noexcept {
  for (const auto& rule : transition_table)
    if (rule.from == from && rule.to == to)
      return true;
  return false;
}

// Whether a new deployment may begin in a state: queued, or at its operation's first step.
constexpr bool may_begin(operation op, state first) noexcept {
  return first == state::queued ||
         first == (op == operation::deploy ? state::preparing : state::activating);
}

// The state after `queued`, or instead of it in an idle lane.
constexpr state first_step(operation op) noexcept {
  return op == operation::deploy ? state::preparing : state::activating;
}

constexpr const state_info& info(state s) noexcept {
  return state_table[static_cast<std::size_t>(s)];
}

constexpr action next_action(state s) noexcept {
  return info(s).next;
}

// No rule leaves it.
constexpr bool is_final(state s) noexcept {
  for (const auto& rule : transition_table)
    if (rule.from == s)
      return false;
  return true;
}

// It occupies the lane: from preparing to activating, and cancelling.
constexpr bool is_in_flight(state s) noexcept {
  return s != state::queued && s != state::active && !is_final(s);
}

// Followers wait for this: active, or final.
constexpr bool is_settled(state s) noexcept {
  return s == state::active || is_final(s);
}

// It serves, or has served, the lane's traffic.
constexpr bool was_active(state s) noexcept {
  return s == state::active || s == state::retired || s == state::rolled_back;
}

// A deployment in this state has been built, and has a version.
constexpr bool needs_version(state s) noexcept {
  return s == state::releasing || s == state::activating || was_active(s);
}

constexpr std::string_view to_string(state s) noexcept {
  return info(s).name;
}

constexpr std::optional<state> parse_state(std::string_view name) noexcept {
  for (const auto& row : state_table)
    if (row.name == name)
      return row.state;
  return std::nullopt;
}

constexpr std::string_view to_string(operation op) noexcept {
  constexpr std::array<std::string_view, 4> names{"deploy", "rollback", "promote", "configure"};
  return names[static_cast<std::size_t>(op)];
}

constexpr std::optional<operation> parse_operation(std::string_view name) noexcept {
  for (auto op : {operation::deploy, operation::rollback, operation::promote, operation::configure})
    if (to_string(op) == name)
      return op;
  return std::nullopt;
}

} // namespace pawl

#include "lifecycle/state_machine_proofs.hpp"
