// Counts what a lane has asked for and nobody else would ask again: it does not rest before the
// last has ended.
#pragma once

#include <cstddef>

namespace pawl {

class errands {
public:
  void begin() { ++under_way_; }
  void end() { --under_way_; }
  bool none() const { return under_way_ == 0; }

private:
  std::size_t under_way_ = 0;
};

} // namespace pawl
