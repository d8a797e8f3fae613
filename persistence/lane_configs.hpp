// Which revision of a lane's configuration holds: the newest that has not failed.
#pragma once

#include "persistence/store.hpp"

namespace pawl {

// Whether the revision was given up: the deployment that was made to apply it has failed, was
// cancelled by somebody, or was rolled back by the server because it turned unhealthy.
result<bool> has_failed(const store& records, const configuration& config);

// The revision that the lane's next deployment gets; nothing if it has none that holds.
result<std::optional<configuration>> current_configuration(const store& records,
                                                           const lane_record& lane);

} // namespace pawl
