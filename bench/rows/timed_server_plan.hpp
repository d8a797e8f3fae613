// How rows start the server whose hands take a fixed time.
#pragma once

#include "bench/harness/server_under_test.hpp"
#include "bench/server/timed_hands.hpp"

namespace pawl::bench {

server_plan timed_server_plan_in(const workplace& place, const std::filesystem::path& directory,
                                 const timed_hands_plan& hands = {});

} // namespace pawl::bench
