// Checks the server's effects. It is told of each call of an engine and of the router when it is
// made:
//   I1  a call follows from a transition that is stored
//   I4  traffic goes only to instances that were healthy; instances with traffic are not stopped;
//       those that served are stopped after their drain
// and of a release command: it never runs twice.
#pragma once

#include "engines/engine.hpp"
#include "routers/router.hpp"
#include "test/simulation/record_checker.hpp"

namespace pawl::test {

class effect_checker {
public:
  effect_checker(machine& on, const store& records, const record_checker& past, duration drain)
      : machine_(on), records_(records), past_(past), drain_(drain) {}

  void builds(const std::string& deployment, const std::stop_token& stop);
  void pushes(const std::string& deployment, const std::stop_token& stop);
  void releases(const std::string& deployment, const std::stop_token& stop);
  void discards(const std::string& deployment);
  void starts(const instance_spec& spec);
  void stops(const instance& what, duration asked); // when: the call may be slow
  void routes_to(const route& to);
  // The router has exactly these routes now.
  void routed(const std::map<lane_key, route>& routes) { routes_ = &routes; }

  // The instance at this address passed the required number of checks in a row.
  void is_healthy(const std::string& address) { healthy_.insert(address); }
  void runs(const instance& one) { addresses_[one.address] = one.deployment; }

private:
  bool may_have(const deployment& d, const std::string& owner) const;
  void check_order(const std::string& what, const std::string& deployment, state ordered_in,
                   const std::stop_token& stop);

  machine& machine_;
  const store& records_;
  const record_checker& past_;
  duration drain_;
  const std::map<lane_key, route>* routes_ = nullptr;
  std::set<std::string> released_;
  std::set<std::string> refused_; // deployments whose requests the router was told to refuse
  std::set<std::string> healthy_;
  std::map<std::string, std::string> addresses_; // the deployment of each that there ever was
};

} // namespace pawl::test
