// Deployments and changes for the tests of the stores.
#pragma once

#include "persistence/store.hpp"

namespace pawl::test {

// So many milliseconds after the tests' beginning of time, in 2026.
timestamp at(std::int64_t ms);

// A new deployment in `preparing`, with its request id "request-ID".
deployment sample(std::string id, std::int64_t created_ms = 0,
                  const lane_key& lane = {"shop", "local"});

// One with every field filled in.
deployment full_sample(std::string id);

version_record sample_version(const deployment& built);

// A token with every field filled in; its digest follows from its name.
token_record sample_token(std::string name, std::uint64_t revision = 0);

event log_line(std::string line, std::int64_t ms = 0);

// The one result of committing one change.
result<receipt> commit_one(store& to, change wanted);

// Commits a deployment (new or changed) that must hold; gives it as it is stored.
deployment keep(store& to, deployment d);

// The same, moved to another state; with the state event in its journal.
deployment move(store& to, deployment d, state next, std::int64_t ms = 0);

// All ids of a walk through the pages of a query.
std::vector<std::string> walk(const store& in, history_query query);

} // namespace pawl::test
