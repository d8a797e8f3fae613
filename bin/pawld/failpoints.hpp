// Places at which a test can let the server die: around every commit, around every effect on the
// engine, the router and the disk, and around every answer to a client. They are layers over the
// interfaces that the actors see, and are put there only if PAWL_FAILPOINTS is set in the
// environment: without it a server has none.
//
// PAWL_FAILPOINTS names a file, which is read at every place. What it says may change while the
// server runs: the name of a place, where the server then kills itself as by kill -9; or "crash"
// and such a name, where it aborts, as by a bug; or "stop" and such a name, where it stops itself
// as by SIGSTOP, and goes on by SIGCONT. Anything else does nothing.
#pragma once

#include "actors/supervision/server.hpp"

#include <filesystem>

namespace pawl::failpoints {

// A commit is named by the state that its first deployment goes into; or "resumed" for the one that
// only counts a resumption.
inline constexpr auto commits = std::to_array<std::string_view>(
    {"queued", "preparing", "building", "pushing", "releasing", "activating", "active",
     "cancelling", "cancelled", "failed", "resumed"});

inline constexpr auto effects =
    std::to_array<std::string_view>({"upload", "verify", "build", "push", "release", "start",
                                     "switch", "stop", "forget", "discard", "restore"});

// An answer is named by its kind of message; "after" is when the kernel has it, and the client may
// read it. These are the kinds that the tests use.
inline constexpr auto answers =
    std::to_array<std::string_view>({"accepted", "upload_progress", "followed", "shown"});

// Each has two places: "commit building before", "commit building after", "effect build before", …
inline constexpr auto moments = std::to_array<std::string_view>({"before", "after"});

// Puts the layers over the parts' store, sources, engines and router.
void add_to(server_parts& parts, const std::filesystem::path& file);

// Puts a layer between each session and its connection.
session_factory around_answers(caf::actor_system& system, session_factory inner,
                               const std::filesystem::path& file);

} // namespace pawl::failpoints
