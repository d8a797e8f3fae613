#include "bench/server/seed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <stdexcept>

namespace pawl::bench {

namespace {

timestamp seeded_time(std::size_t n) {
  return timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}} +
         std::chrono::milliseconds{n};
}

template <class T>
T must(result<T> outcome) {
  if (!outcome)
    throw std::runtime_error(outcome.error().message);
  return *std::move(outcome);
}

change change_for(deployment d, std::size_t n) {
  change wanted;
  wanted.lane = lane_record{lane_of(d), {}, d.created_at, 0};
  if (d.state == state::active)
    wanted.lane->active = d.id;
  wanted.journal.push_back({d.id, {{0, seeded_time(n), state_event{d.state, d.error}}}});
  wanted.deployments.push_back(std::move(d));
  return wanted;
}

std::vector<receipt> commit_all(store& into, const std::vector<change>& changes) {
  std::vector<receipt> kept;
  for (std::size_t at = 0; at < changes.size(); at += limits::store_commit_changes) {
    const auto size = std::min(limits::store_commit_changes, changes.size() - at);
    for (auto& outcome : into.commit(std::span{changes}.subspan(at, size)))
      kept.push_back(must(std::move(outcome)));
  }
  return kept;
}

deployment failed_one(std::size_t n, const lane_key& lane) {
  auto d = must(begin(seeded_draft(n, lane), state::preparing, seeded_time(n)));
  return must(
      fail(std::move(d), {errc::build_failed, "make: *** [all] Error 2", {}}, seeded_time(n)));
}

// A deployment that became active, with the version that it built.
change serving_one(std::size_t n, const lane_key& lane, std::uint32_t version) {
  auto d = must(begin(seeded_draft(n, lane), state::preparing, seeded_time(n)));
  d.internals.settings = seeded_manifest();
  d.internals.artifact = "sha256:" + std::string(64, 'b');
  for (auto next : {state::building, state::pushing})
    d = must(advance(std::move(d), next, seeded_time(n), "pawl"));
  d.version = version_number{version};
  for (auto next : {state::activating, state::active})
    d = must(advance(std::move(d), next, seeded_time(n), "pawl"));
  version_record built;
  built.app = d.app;
  built.artifact = *d.internals.artifact;
  built.deployment = d.id;
  built.cluster = d.cluster;
  built.engine = "process";
  built.created_at = seeded_time(n);
  built.settings = seeded_manifest();
  auto wanted = change_for(std::move(d), n);
  wanted.version = std::move(built);
  return wanted;
}

// The lane's second: the one before is retired with it.
change replacing_one(std::size_t n, const receipt& before) {
  auto wanted = serving_one(n, before.lane->lane, 2);
  wanted.lane->revision = before.lane->revision;
  wanted.deployments.front().replaces = before.deployments.front().id;
  wanted.deployments.push_back(
      must(advance(before.deployments.front(), state::retired, seeded_time(n), "pawl")));
  return wanted;
}

} // namespace

lane_key seeded_lane(std::size_t n) {
  return {fmt::format("app-{}", n), "local"};
}

std::string seeded_id(std::size_t n) {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15; // of a random part's bits
  return make_deployment_id(seeded_time(n), n * spread);
}

manifest seeded_manifest() {
  manifest settings;
  settings.build.command = "true";
  settings.run.command = "./serve";
  settings.health.path = "/healthz";
  settings.health.healthy_threshold = 1;
  settings.health.interval = std::chrono::milliseconds{1};
  return settings;
}

deployment seeded_draft(std::size_t n, const lane_key& lane) {
  deployment draft;
  draft.id = seeded_id(n);
  draft.app = lane.app;
  draft.cluster = lane.cluster;
  draft.by = n % 3 == 0 ? "ada" : "grace";
  draft.message = "Say what the second button does, and why";
  draft.request_id = "seed-" + std::to_string(n);
  draft.source = source_facts{"sha256:" + std::string(64, 'a'), 200'000, 120};
  draft.git = git_facts{
      fmt::format("{:040x}", n),  "main", draft.message, "Ada", "ada@example.org", seeded_time(n),
      "git@example.org:shop.git", false};
  return draft;
}

void seed_serving_lanes(store& into, std::size_t lanes) {
  std::vector<change> changes;
  for (std::size_t n = 0; n < lanes; ++n)
    changes.push_back(serving_one(n, seeded_lane(n), 1));
  commit_all(into, changes);
}

void seed_lanes_with_two_versions(store& into, std::size_t lanes) {
  std::vector<change> first;
  for (std::size_t n = 0; n < lanes; ++n)
    first.push_back(serving_one(n, seeded_lane(n), 1));
  std::vector<change> second;
  for (const auto& kept : commit_all(into, first))
    second.push_back(replacing_one(lanes + second.size(), kept));
  commit_all(into, second);
}

void seed_settled_lanes(store& into, std::size_t lanes) {
  std::vector<change> changes;
  for (std::size_t n = 0; n < lanes; ++n)
    changes.push_back(change_for(failed_one(n, seeded_lane(n)), n));
  commit_all(into, changes);
}

void seed_journal(store& into, std::size_t lines) {
  constexpr std::size_t line_bytes = 200;
  auto d = must(begin(seeded_draft(0, seeded_lane(0)), state::preparing, seeded_time(0)));
  d = commit_all(into, {change_for(std::move(d), 0)}).front().deployments.front();
  const event line{0, seeded_time(0), log_event{"build", "stdout", std::string(line_bytes, 'e')}};
  for (std::size_t n = 0; n < lines; n += limits::journal_page_events) {
    change more;
    more.journal.push_back(
        {d.id, std::vector<event>(std::min(limits::journal_page_events, lines - n), line)});
    commit_all(into, {more});
  }
  change last;
  last.deployments.push_back(
      must(fail(std::move(d), {errc::build_failed, "exit 1", {}}, seeded_time(1))));
  commit_all(into, {last});
}

std::size_t history_lane(std::size_t n) {
  // A number between 0 and 1 that looks random; evenly spread on a logarithmic scale, it is Zipf's.
  constexpr double golden = 0.6180339887498949;
  const auto even = std::fmod(static_cast<double>(n) * golden, 1.0);
  return static_cast<std::size_t>(std::pow(static_cast<double>(history_lanes), even)) - 1;
}

change history_change(std::size_t n) {
  change wanted;
  wanted.deployments.push_back(failed_one(n, seeded_lane(history_lane(n))));
  return wanted;
}

// In the order of their times, and many in a commit: the pages of the records are filled one after
// another, and each is written once. While some are committed, the next are made.
void seed_history(store& into, std::size_t deployments) {
  constexpr std::size_t in_a_commit = 16 * limits::store_commit_changes;
  const auto make = [deployments](std::size_t from) {
    std::vector<change> changes;
    for (auto n = from; n < std::min(from + in_a_commit, deployments); ++n)
      changes.push_back(history_change(n));
    return changes;
  };
  auto next = std::async(std::launch::async, make, 0);
  for (std::size_t at = 0; at < deployments; at += in_a_commit) {
    const auto changes = next.get();
    next = std::async(std::launch::async, make, at + in_a_commit);
    for (auto& outcome : into.commit(changes))
      must(std::move(outcome));
  }
}

} // namespace pawl::bench
