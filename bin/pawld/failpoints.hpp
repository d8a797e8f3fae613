// Failpoints: places at which a test can make the server die. They are before and after every
// commit, every effect on the engine, the router and the disk, and every answer to a client. They
// are layers over the interfaces that the actors use; a server has them only if PAWL_FAILPOINTS is
// set in its environment.
//
// PAWL_FAILPOINTS names a file, which is read at every place. Its first line is one of
//   PLACE            the server kills itself there, as by kill -9
//   crash PLACE      it aborts there, as by a bug
//   overflow PLACE   it overflows its stack there
//   exhaust PLACE    it does not get the memory there that it asks for
//   stop PLACE       it stops there, as by SIGSTOP, and continues at SIGCONT
// where PLACE is a name as below. Anything else does nothing. The file may change while the server
// runs.
#pragma once

#include "actors/session.hpp"
#include "actors/supervision/server.hpp"

#include <filesystem>

namespace pawl::failpoints {

// A commit is named by the state that its first deployment moves to, or "resumed" if it only counts
// a resumption.
inline constexpr auto commits = std::to_array<std::string_view>(
    {"queued", "preparing", "building", "pushing", "releasing", "activating", "active",
     "cancelling", "cancelled", "failed", "resumed"});

inline constexpr auto effects =
    std::to_array<std::string_view>({"upload", "verify", "build", "push", "release", "start",
                                     "switch", "stop", "forget", "discard", "restore"});

// An answer is named by its kind of message; "after" is when the kernel has it and the client can
// read it. The tests use these kinds.
inline constexpr auto answers =
    std::to_array<std::string_view>({"accepted", "upload_progress", "followed", "shown"});

// Each has two places: "commit building before", "commit building after", "effect build before", …
inline constexpr auto moments = std::to_array<std::string_view>({"before", "after"});

// Puts failpoints around the parts' store, sources, engines and router.
void add_to(server_parts& parts, const std::filesystem::path& file);

// Puts failpoints between each session and its connection.
session_factory around_answers(caf::actor_system& system, session_factory inner,
                               const std::filesystem::path& file);

} // namespace pawl::failpoints
