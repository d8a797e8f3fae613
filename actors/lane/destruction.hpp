// The end of a lane's app on request: its instances end, and its host names are free. The records
// stay, and with them the artifacts; the lane's next deployment begins anew, and cannot go back
// behind this end.
//
// After a crash nothing has to go on by itself: the store says that nothing is active, so the lane
// that comes back gives its instances the drain of those that were replaced.
#pragma once

#include "actors/lane/reply.hpp"
#include "actors/lane/service.hpp"

#include <vector>

namespace pawl {

class destruction {
public:
  destruction(const lane_context& lane, drain& taken_away, replaced_instances& replaced,
              service& kept_up, errands& open)
      : lane_(lane), drain_(taken_away), replaced_(replaced), service_(kept_up), errands_(open) {}

  // A request. Answers when the instances have ended. Success if nothing runs; in_flight while a
  // deployment is in flight.
  void begin(const destroy_lane& what, const reply<protocol::destroyed>& answer);

  // Nothing is left of it.
  void end();

private:
  result<change> change_of_end(const destroy_lane& what) const;
  std::vector<std::string> own_hosts() const;
  void stop_requests(const deployment& gone);
  void stop_instances(const deployment& gone);

  const lane_context& lane_;
  drain& drain_;
  replaced_instances& replaced_;
  service& service_;
  errands& errands_;
  protocol::destroyed what_;                        // is being destroyed
  std::vector<reply<protocol::destroyed>> waiters_; // for that
};

} // namespace pawl
