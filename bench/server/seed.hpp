// Stores that have a past, for the rows that ask what a past costs.
#pragma once

#include "persistence/store.hpp"

namespace pawl::bench {

// The names of what is seeded: the n-th lane, and a deployment by its number.
lane_key seeded_lane(std::size_t n);
std::string seeded_id(std::size_t n);

// The settings of an app that the rows deploy: one instance, healthy at its first check.
manifest seeded_manifest();

// A deployment as one of an ordinary day is: 600 bytes stored, with git facts and a message.
deployment seeded_draft(std::size_t n, const lane_key& lane);

// Lanes whose apps were deployed once and serve: instance seeded_id(n) + "-1" for the n-th. Throws
// std::runtime_error if the store refuses.
void seed_serving_lanes(store& into, std::size_t lanes);

// The same with a second deployment: it serves v2, and v1 is retired. The instance is that of
// deployment seeded_id(n + lanes).
void seed_lanes_with_two_versions(store& into, std::size_t lanes);

// Lanes in which one deployment has failed: known, with nothing that runs.
void seed_settled_lanes(store& into, std::size_t lanes);

// Stores so many failed deployments, in seeded_lane(0) to seeded_lane(history_lanes - 1): the n-th
// lane has about 1/n as many as the first. Writes their records and indexes, and no journals.
inline constexpr std::size_t history_lanes = 1000;
void seed_history(store& into, std::size_t deployments);

// A deployment that has failed, seeded_id(0), whose journal has so many lines of 200 bytes.
void seed_journal(store& into, std::size_t lines);

// One more of those of seed_history, with this number.
change history_change(std::size_t n);

// The lane of the n-th, the same in every store.
std::size_t history_lane(std::size_t n);

} // namespace pawl::bench
