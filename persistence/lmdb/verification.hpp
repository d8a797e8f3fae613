// Reads a whole store and reports each record that breaks an invariant. For a store that no server
// has open; changes nothing.
#pragma once

#include "lifecycle/deployment.hpp"

#include <filesystem>
#include <functional>

namespace pawl {

// The invariants that a store can break, as docs/faults.md numbers them.
enum class invariant : std::uint8_t {
  one_active_and_one_in_flight = 2, // of each lane
  only_legal_moves = 3, // of the state machine; the journal has no gap, and agrees with the record
  all_goes_on = 5,      // the index of unfinished deployments has all of them, and nothing else
  one_request_one_deployment = 6,
  history_is_whole = 8,   // each deployment, version and lane is in its indexes
  records_are_sound = 10, // checksums, and possible values of fields
  order_of_time = 12,     // no deployment of a lane is later than the lane's last_created
};

struct breach {
  pawl::invariant invariant;
  std::string record; // as "deployments/k5td542j1m8ccsd2h"
  std::string problem;
};

struct verified_store {
  std::size_t deployments = 0;
  std::size_t events = 0;
  std::size_t lanes = 0;
  std::size_t versions = 0;
  std::vector<deployment> going_on = {}; // those queued, in flight or active
};

// Calls `tell` for each breach, in the order of the databases. not_found if there is no store in
// the directory; unavailable if a server has it open; invalid_argument if a newer program wrote it;
// data_corruption if LMDB's own file is too damaged to be read.
result<verified_store> verify_store(const std::filesystem::path& directory,
                                    const std::function<void(const breach&)>& tell);

} // namespace pawl
