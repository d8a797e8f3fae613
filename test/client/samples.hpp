// Records that the tests of this folder show.
#pragma once

#include "lifecycle/event.hpp"

namespace pawl::test {

inline constexpr timestamp sample_time{std::chrono::milliseconds{1'767'323'045'678}};

// An active deployment with every field filled in.
inline deployment sample_deployment() {
  deployment d;
  d.id = "7kq2m4x8v0abcdef";
  d.app = "shop";
  d.cluster = "local";
  d.state = state::active;
  d.version = version_number{3};
  d.source = source_facts{"sha256:00", 1024, 2};
  d.git = git_facts{"abc123",
                    "main",
                    "Fix the cart",
                    "Ana",
                    "ana@example.org",
                    sample_time,
                    "https://example.org/shop.git",
                    true};
  d.by = "ana";
  d.message = "why";
  d.request_id = "r1";
  d.created_at = sample_time;
  d.updated_at = sample_time + std::chrono::seconds{2};
  d.finished_at = d.updated_at;
  d.urls = {"http://shop.localhost:7480/"};
  d.transitions = {{state::preparing, sample_time, "ana"}, {state::active, d.updated_at, "pawl"}};
  return d;
}

inline deployment failed_deployment() {
  auto d = sample_deployment();
  d.state = state::failed;
  d.version = {};
  d.source = {};
  d.git = {};
  d.urls = {};
  d.replaces = "0000000000000000";
  d.error = failure{
      errc::build_failed, "make: *** [all] Error 2", {{"exit_status", "2"}}, state::building};
  d.transitions = {};
  return d;
}

} // namespace pawl::test
