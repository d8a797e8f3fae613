#include "test/simulation/simulated_router.hpp"

#include "test/simulation/app_plan.hpp"

#include <fmt/ranges.h>

namespace pawl::test {

namespace {

error dead_router() {
  return {errc::unavailable, "the router has died", {}};
}

std::string text_of(const route& to) {
  return fmt::format("{}/{} to {} [{}]", to.lane.app, to.lane.cluster, to.deployment,
                     fmt::join(to.addresses, " "));
}

} // namespace

result<void> simulated_router::restore(const std::vector<route>& all) {
  std::string text = "restore";
  for (const auto& one : all)
    text += " " + text_of(one);
  return machine_.call<void>(machine_.sky.router, text, [&]() -> result<void> {
    alive_ = true;
    routes_.clear();
    for (const auto& one : all) {
      checker_.routes_to(one);
      routes_[one.lane] = one;
    }
    return {};
  });
}

result<void> simulated_router::switch_to(const route& to) {
  return machine_.call<void>(machine_.sky.router, "switch " + text_of(to), [&]() -> result<void> {
    if (!alive_)
      return dead_router();
    checker_.routes_to(to);
    routes_[to.lane] = to;
    return {};
  });
}

result<void> simulated_router::forget(const lane_key& lane, const std::string& deployment) {
  return machine_.call<void>(machine_.sky.router, "forget " + deployment, [&]() -> result<void> {
    if (!alive_)
      return dead_router();
    if (auto known = routes_.find(lane);
        known != routes_.end() && known->second.deployment == deployment)
      return error{errc::invalid_argument, "it still sends requests to " + deployment, {}};
    return {};
  });
}

result<void> simulated_router::let_clients_go(const lane_key& /*lane*/,
                                              const std::string& deployment) {
  return machine_.call<void>(machine_.sky.router, "let clients go " + deployment,
                             [&]() -> result<void> {
                               if (!alive_)
                                 return dead_router();
                               return {};
                             });
}

std::vector<std::string> simulated_router::hosts(const lane_key& lane) const {
  return {fmt::format("{}.{}.localhost", lane.app, lane.cluster)};
}

std::vector<std::string> simulated_router::urls(const lane_key& lane) const {
  return {"http://" + hosts(lane).front()};
}

void simulated_router::die() {
  machine_.note("the router dies");
  alive_ = false;
  routes_.clear();
  if (on_death_)
    on_death_();
}

result<std::uint64_t> simulated_sources::open_upload(const std::string& deployment,
                                                     const std::string& app,
                                                     const source_facts& promised) {
  return machine_.call<std::uint64_t>(machine_.sky.sources, "open upload " + deployment,
                                      [&]() -> result<std::uint64_t> {
                                        if (discarded_.contains(deployment))
                                          return error{errc::unavailable, "it has ended", {}};
                                        if (sources_.contains(app + promised.digest)) {
                                          open_.erase(deployment);
                                          return promised.bytes;
                                        }
                                        auto& one = open_[deployment];
                                        one.bytes = promised.bytes;
                                        return one.offset;
                                      });
}

result<std::uint64_t> simulated_sources::append(const std::string& deployment, std::uint64_t offset,
                                                std::vector<char> bytes) {
  return machine_.call<std::uint64_t>(
      machine_.sky.sources, fmt::format("append to {} at {}", deployment, offset),
      [&]() -> result<std::uint64_t> {
        auto known = open_.find(deployment);
        if (known == open_.end())
          return error{errc::invalid_argument, "there is no such upload", {}};
        auto& one = known->second;
        if (offset != one.offset)
          return error{errc::invalid_argument, "another offset was reached", {}};
        if (one.offset + bytes.size() > one.bytes)
          return error{errc::too_large, "more than was promised", {}};
        one.offset += bytes.size();
        return one.offset;
      });
}

// It holds nothing but the bytes, and appends are refused by the worker.
void simulated_sources::close_upload(const std::string& /*deployment*/) {}

result<source_reading> simulated_sources::verify(const std::string& deployment,
                                                 const std::string& app,
                                                 const std::string& digest) {
  return machine_.call<source_reading>(
      machine_.sky.sources, "verify " + deployment, [&]() -> result<source_reading> {
        auto known = open_.find(deployment);
        if (known != open_.end() && known->second.offset == known->second.bytes) {
          sources_[app + digest] = known->second.bytes;
          open_.erase(known);
        }
        auto source = sources_.find(app + digest);
        if (source == sources_.end())
          return error{errc::invalid_argument, "the upload is not complete", {}};
        source_reading reading{{digest, source->second, 3}, {}, {}};
        if (plan_of(digest).has_manifest)
          reading.manifest = digest;
        return reading;
      });
}

std::filesystem::path simulated_sources::path(const std::string& app,
                                              const std::string& digest) const {
  return std::filesystem::path{app} / digest;
}

std::vector<std::string> simulated_sources::uploads() const {
  std::vector<std::string> found;
  for (const auto& [deployment, one] : open_)
    found.push_back(deployment);
  return found;
}

void simulated_sources::discard_upload(const std::string& deployment) {
  if (!machine_.server_runs())
    return;
  open_.erase(deployment);
  discarded_.insert(deployment);
}

} // namespace pawl::test
