// The removal of one of the lane's volumes on request: nothing else ever removes one.
#pragma once

#include "actors/lane/errands.hpp"
#include "actors/lane/replaced_instances.hpp"
#include "actors/lane/reply.hpp"

namespace pawl {

class volume_removal {
public:
  volume_removal(const lane_context& lane, replaced_instances& replaced, errands& open)
      : lane_(lane), replaced_(replaced), errands_(open) {}

  // A request. Refused with in_flight while a deployment is in flight or waits, as it may use the
  // volume, and with invalid_transition while the active one uses it or an instance still has it.
  // Warm instances end: a rollback to them would write into what is not there any more.
  void begin(const remove_volume& what, const reply<protocol::volume_removed>& answer);

private:
  void erase(const std::string& name, const reply<protocol::volume_removed>& answer);

  const lane_context& lane_;
  replaced_instances& replaced_;
  errands& errands_;
};

} // namespace pawl
