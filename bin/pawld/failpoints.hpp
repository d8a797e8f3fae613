// Places at which a test can let the server die: around every commit, and around every effect on
// the engine, the router and the disk. They are layers over the interfaces that the actors see, and
// are put there only if PAWL_FAILPOINTS is set in the environment: without it a server has none.
//
// PAWL_FAILPOINTS names a file, which is read at every place. What it says may change while the
// server runs: the name of a place, where the server then kills itself as by kill -9; or "crash"
// and such a name, where it aborts, as by a bug; or "stop" and such a name, where it stops itself
// as by SIGSTOP, and goes on by SIGCONT. Anything else does nothing.
#pragma once

#include "actors/server.hpp"

#include <filesystem>

namespace pawl::failpoints {

// A commit is named by the state that its first deployment goes into; or "version" for the one that
// gives a version, "resumed" for the one that only counts a resumption.
inline constexpr auto commits = std::to_array<std::string_view>(
    {"queued", "preparing", "building", "pushing", "version", "releasing", "activating", "active",
     "cancelling", "cancelled", "failed", "resumed"});

inline constexpr auto effects =
    std::to_array<std::string_view>({"upload", "verify", "build", "push", "release", "start",
                                     "switch", "stop", "forget", "discard", "restore"});

// Each has two places: "commit building before", "commit building after", "effect build before", …
inline constexpr auto moments = std::to_array<std::string_view>({"before", "after"});

// Puts the layers over the parts' store, sources, engines and router.
void add_to(server_parts& parts, std::filesystem::path file);

} // namespace pawl::failpoints
