// Where an engine finds the variables of a lane, with the secrets among them.
#pragma once

#include "lifecycle/variables.hpp"

#include <vector>

namespace pawl {

class variable_source {
public:
  variable_source() = default;
  variable_source(const variable_source&) = delete;
  variable_source& operator=(const variable_source&) = delete;
  virtual ~variable_source() = default;

  // All variables of a revision, as an app gets them. Fails: not_found, if it is not kept any more;
  // unavailable, if its secrets cannot be opened, with what to do. Blocks; any thread.
  virtual result<std::vector<variable_text>> variables(const lane_key& lane,
                                                       config_number config) const = 0;
};

} // namespace pawl
