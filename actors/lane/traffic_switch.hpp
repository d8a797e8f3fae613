// The switch of a lane's traffic to the deployment in flight, from its healthy instances to the
// commit that makes it the active one. From its beginning on it is too late for a cancel.
#pragma once

#include "actors/lane/service.hpp"

namespace pawl {

class traffic_switch {
public:
  traffic_switch(const lane_context& lane, switch_ledger& switches, drain& taken_away,
                 replaced_instances& replaced, service& serving)
      : lane_(lane), switches_(switches), drain_(taken_away), replaced_(replaced),
        service_(serving) {}

  // Asks the router to send the lane's requests to these instances, and makes the deployment active
  // when it has confirmed that; else the deployment fails. The keeper drops an order whose `stop`
  // was asked for.
  void begin(std::vector<instance> healthy, std::stop_token stop);

  // The deployment in flight fails. A switch that was not confirmed may have happened all the same:
  // the old route is put back.
  void give_up();

private:
  void end(const std::vector<instance>& healthy, const std::optional<error>& failed);
  void make_active(const std::vector<instance>& healthy);
  result<change> change_of_active(const std::vector<instance>& healthy) const;

  const lane_context& lane_;
  switch_ledger& switches_;
  drain& drain_;
  replaced_instances& replaced_;
  service& service_;
};

} // namespace pawl
