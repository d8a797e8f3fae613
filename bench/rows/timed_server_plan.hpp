// How rows start the server with an engine whose calls take a fixed time.
#pragma once

#include "bench/harness/server_under_test.hpp"
#include "bench/server/timed_parts.hpp"

namespace pawl::bench {

server_plan timed_server_plan_in(const workplace& place, const std::filesystem::path& directory,
                                 const timed_parts_plan& parts = {});

} // namespace pawl::bench
