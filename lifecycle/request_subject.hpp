// The subject of a request for a deployment, for which its request id stands: the same id with
// the same subject is the same request, which may be repeated for ever.
#pragma once

#include "lifecycle/deployment.hpp"

#include <string_view>

namespace pawl {

// The part of a request that decides what runs, and where. The message, the git facts, the policy
// for a busy lane and the sender only tell of it: a job that is run again may have others, and the
// record keeps those that came first.
struct request_subject {
  lane_key lane;
  pawl::operation operation = operation::deploy;
  std::optional<source_facts> source = {}; // of a deploy
  // Only a rollback or promotion has it. A rollback without one means the version before; the
  // record tells which that was when it was asked for.
  std::optional<version_number> version = {};
  std::string contents = {}; // of the source, without the times of its files; empty if unknown
};

// The subject of the request that made a deployment.
request_subject subject_of(const deployment& made);

enum class subject_part : std::uint8_t { lane, operation, source, version };

std::string_view to_string(subject_part part);

// Two copies of a tree, such as two clones, have other times and are the same source. But as long
// as a deployment awaits its source, only the bytes that it began with can go on.
//
// The first part in which a request differs from the one that made the deployment; nothing if it is
// the same request.
std::optional<subject_part> difference(const deployment& made, const request_subject& asked);

} // namespace pawl
