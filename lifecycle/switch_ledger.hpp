// The deployments that a lane has tried and that its router may send requests to: one table, and
// the questions that a lane decides by. A switch whose answer was lost may have happened all the
// same, so a deployment that failed is not simply gone: it has to leave the router before its
// instances stop, and until the router has said so no other activation begins.
//
// The ledger is kept in memory. After a restart it begins with what the store and the engine say
// (routing_event::found), and asks the router again.
#pragma once

#include "lifecycle/state_machine.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace pawl {

// The routing of one deployment. The order is that of a switch that fails.
enum class routing : std::uint8_t { settled, possible, switching, leaving, undecided };

// An event between a lane and its router.
enum class routing_event : std::uint8_t {
  found,
  switch_asked,
  went_live,
  given_up,
  leave_asked,
  left,
  refused,
};

struct routing_info {
  pawl::routing routing;
  std::string_view name;
  std::string_view meaning;
};

inline constexpr auto routing_table = std::to_array<routing_info>({
    {routing::settled, "settled",
     "nothing is open between the lane and the router: it was never switched to, it serves, or the "
     "router has confirmed that it sends it nothing"},
    {routing::possible, "possible",
     "the router may send it requests: a switch to it was asked for, and not confirmed"},
    {routing::switching, "switching",
     "the router is asked to switch to it, until that is in the store"},
    {routing::leaving, "leaving", "the router is asked to send it nothing, and has not answered"},
    {routing::undecided, "undecided",
     "the router refused that, or was silent: it is asked again, until it confirms"},
});

struct routing_event_info {
  routing_event event;
  std::string_view name;
  std::string_view meaning;
};

inline constexpr auto routing_event_table = std::to_array<routing_event_info>({
    {routing_event::found, "found",
     "the lane was read from the store, and its predecessor may have asked for the switch; or "
     "instances run of a deployment that has ended"},
    {routing_event::switch_asked, "switch_asked", "the new instances are healthy"},
    {routing_event::went_live, "went_live", "the switch was confirmed, and is in the store"},
    {routing_event::given_up, "given_up",
     "the deployment fails before its switch is in the store: by a refusal, or its deadline"},
    {routing_event::leave_asked, "leave_asked", "its instances are to be stopped"},
    {routing_event::left, "left", "the router has confirmed that it sends it nothing"},
    {routing_event::refused, "refused", "the router has not confirmed that"},
});

struct routing_rule {
  routing from;
  routing_event event;
  routing to;
};

// An event that has no rule in a state changes nothing there.
inline constexpr auto routing_rules = std::to_array<routing_rule>({
    {routing::settled, routing_event::found, routing::possible},
    {routing::settled, routing_event::switch_asked, routing::switching},
    {routing::possible, routing_event::switch_asked, routing::switching},
    {routing::switching, routing_event::went_live, routing::settled},
    {routing::switching, routing_event::given_up, routing::possible},
    {routing::settled, routing_event::leave_asked, routing::leaving}, // it has served before
    {routing::possible, routing_event::leave_asked, routing::leaving},
    {routing::leaving, routing_event::left, routing::settled},
    {routing::undecided, routing_event::left, routing::settled},
    {routing::leaving, routing_event::refused, routing::undecided},
    {routing::settled, routing_event::refused, routing::undecided}, // the second of two answers
});

// The one function that decides where an event leads.
constexpr routing next_routing(routing from, routing_event event) noexcept {
  for (const auto& rule : routing_rules)
    if (rule.from == from && rule.event == event)
      return rule.to;
  return from;
}

// The router was asked to send it nothing, and has not confirmed it: no activation begins
// meanwhile, because each would keep its instances too.
constexpr bool keeps_others_back(routing of) noexcept {
  return of == routing::leaving || of == routing::undecided;
}

constexpr std::string_view to_string(routing of) noexcept {
  return routing_table[static_cast<std::size_t>(of)].name;
}

constexpr std::string_view to_string(routing_event of) noexcept {
  return routing_event_table[static_cast<std::size_t>(of)].name;
}

// The routing of all deployments of one lane. It keeps only those that are not settled.
class switch_ledger {
public:
  void record(const std::string& deployment, routing_event event) {
    auto now = next_routing(routing_of(deployment), event);
    if (now == routing::settled)
      open_.erase(deployment);
    else
      open_[deployment] = now;
  }

  routing routing_of(const std::string& deployment) const {
    auto known = open_.find(deployment);
    return known == open_.end() ? routing::settled : known->second;
  }

  // No deployment waits for the router's word that it sends it nothing.
  bool all_have_left() const {
    return std::none_of(open_.begin(), open_.end(),
                        [](const auto& entry) { return keeps_others_back(entry.second); });
  }

  // A switch is under way: the route is not the lane's to change.
  bool switch_under_way() const {
    return std::any_of(open_.begin(), open_.end(),
                       [](const auto& entry) { return entry.second == routing::switching; });
  }

  // May new instances be started, to be switched to?
  bool may_begin_activation() const { return all_have_left() && !switch_under_way(); }

  // May the lane put what serves back into its route?
  bool may_restore_route() const { return !switch_under_way(); }

  // Is it too late to cancel it?
  bool too_late_to_cancel(const std::string& deployment) const {
    return routing_of(deployment) == routing::switching;
  }

  // Must it leave the router before its instances stop? `is` is the state of its record.
  bool must_leave_first(const std::string& deployment, state is) const {
    return routing_of(deployment) != routing::settled || was_active(is);
  }

  // The deployment, the first by its id, of which the router does not say whether it sends it
  // requests. Nothing new is admitted while there is one.
  std::optional<std::string> undecided() const {
    for (const auto& [deployment, now] : open_)
      if (now == routing::undecided)
        return deployment;
    return std::nullopt;
  }

private:
  std::map<std::string, routing> open_;
};

} // namespace pawl

#include "lifecycle/switch_ledger_proofs.hpp"
