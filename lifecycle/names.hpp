// Names that people give, and identifiers that the server gives.
#pragma once

#include "lifecycle/result.hpp"
#include "lifecycle/timestamp.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace pawl {

// One pair of app and cluster. The deployments of a lane are decided one after another.
struct lane_key {
  std::string app;
  std::string cluster;

  // clang-tidy 14 takes the generated comparison with zero for a null pointer.
  friend auto operator<=>(const lane_key&,
                          const lane_key&) = default; // NOLINT(modernize-use-nullptr)
};

// Counted per app from 1, never reused; written v1, v2, …
struct version_number {
  std::uint32_t value = 0;

  friend auto operator<=>(const version_number&,
                          const version_number&) = default; // NOLINT(modernize-use-nullptr)
};

std::string to_string(version_number version);

// Takes "v7" and "7"; nothing else, and not v0.
std::optional<version_number> parse_version(std::string_view text);

// [a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?, for apps and clusters. `what` ("app", "cluster") goes into
// the message.
result<void> check_name(std::string_view what, std::string_view name);

// A request id: 1 to limits::request_id_bytes printable ASCII characters without a space.
result<void> check_request_id(std::string_view id);

// How sources and artifacts are named: "sha256:" and 64 lower-case hexadecimal digits.
bool is_digest(std::string_view text);

// Seventeen characters of [0-9a-z] without i, l, o, u: eight of 40 random bits (the others of
// `random` are not used), by which people tell ids apart, and nine of the time. The time keeps
// records that were made together close together in the store
// (docs/decisions/0053-ids-end-with-their-time.md); nothing else depends on it. The randomness is
// the caller's, so that a simulation can repeat it.
std::string make_deployment_id(timestamp at, std::uint64_t random);

// The process of an app that is routed.
inline constexpr std::string_view web_process = "web";

// The name of the N-th instance of a deployment, N from 1: DEPLOYMENT-N.
std::string instance_name(std::string_view deployment, std::size_t n);

// The same of a process: DEPLOYMENT-N for "web", DEPLOYMENT-PROCESS-N for others.
std::string instance_name(std::string_view deployment, std::string_view process, std::size_t n);

// The process of an instance: "web" for DEPLOYMENT-N. A text that is no such name gives something.
std::string_view process_of_instance(std::string_view name);

inline bool is_web(std::string_view instance) {
  return process_of_instance(instance) == web_process;
}

// The deployment of an instance: the part of its name before the first hyphen, which ids do not
// have. A text that is no such name gives itself, or its beginning: no id then.
std::string_view deployment_of_instance(std::string_view name);

// Whether the text can be an id or a prefix of one.
bool is_deployment_id_prefix(std::string_view text);

} // namespace pawl
