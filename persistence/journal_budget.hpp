// The room of one deployment's journal, whoever writes into it: the lines of its build and of its
// release command, what checks of its instances saw, its progress. One count over all of them,
// which is stored with the journal, so that a restart of the server does not begin it anew.
#pragma once

#include "lifecycle/event.hpp"

#include <vector>

namespace pawl {

class journal_budget {
public:
  // The journal has so many bytes (paging::bytes_of()), and so many events were left out since it
  // last said so.
  journal_budget(std::uint64_t bytes, std::uint64_t left_out)
      : bytes_(bytes), left_out_(left_out) {}

  // Leaves those out that are over the limit: limits::journal_bytes, for warnings
  // limits::journal_reserve more. States are never left out: a deployment has few. Before a state,
  // a warning says how many were left out since the state before.
  void apply_to(std::vector<event>& events);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t left_out() const { return left_out_; }

private:
  bool has_room_for(const event& one) const;

  std::uint64_t bytes_;
  std::uint64_t left_out_;
};

} // namespace pawl
