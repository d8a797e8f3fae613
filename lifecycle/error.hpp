// The one error type of Pawl, and the one table of its codes: name, exit status, HTTP status,
// meaning.
//
// A code exists only if a caller can react to it. Numbers are stored and sent: never reuse or
// renumber one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

enum class errc : std::uint8_t {
  invalid_argument = 1,
  too_large = 2,
  build_failed = 3,
  release_failed = 4,
  unhealthy = 5,
  in_flight = 6,
  invalid_transition = 7,
  too_late = 8,
  frozen = 9,
  superseded = 10,
  cancelled = 11,
  unauthenticated = 12,
  permission_denied = 13,
  not_found = 14,
  unavailable = 15,
  timed_out = 16,
  resource_exhausted = 17,
  data_corruption = 18,
  internal = 19,
};

struct error_info {
  errc code;
  std::string_view name; // on the wire, in JSON and in records
  int exit;              // exit status of the CLI
  int http;              // status of the HTTP API
  std::string_view when;
};

inline constexpr auto error_table = std::to_array<error_info>({
    {errc::invalid_argument, "invalid_argument", 2, 400,
     "the request itself is wrong: a bad name, file, flag, manifest"},
    {errc::too_large, "too_large", 2, 413, "a source, message or line over its limit"},
    {errc::build_failed, "build_failed", 3, 422, "the app's build failed"},
    {errc::release_failed, "release_failed", 4, 422, "the app's release command failed"},
    {errc::unhealthy, "unhealthy", 5, 422, "the new instances did not become healthy in time"},
    {errc::in_flight, "in_flight", 6, 409, "another deployment of the lane is in flight"},
    {errc::invalid_transition, "invalid_transition", 6, 409, "the state machine does not allow it"},
    {errc::too_late, "too_late", 6, 409, "a cancel after the switch began"},
    {errc::frozen, "frozen", 6, 409, "deploys of the lane are frozen by an operator"},
    {errc::superseded, "superseded", 7, 409, "a newer request took its place"},
    {errc::cancelled, "cancelled", 8, 409, "it was cancelled"},
    {errc::unauthenticated, "unauthenticated", 9, 401, "no valid credentials"},
    {errc::permission_denied, "permission_denied", 9, 403,
     "the credentials do not cover this app, cluster or action"},
    {errc::not_found, "not_found", 10, 404, "no such app, cluster, version or deployment"},
    {errc::unavailable, "unavailable", 11, 503,
     "the server, an engine or the router cannot be reached"},
    {errc::timed_out, "timed_out", 11, 504, "a deadline passed"},
    {errc::resource_exhausted, "resource_exhausted", 11, 507,
     "disk full, a quota, too many clients"},
    {errc::data_corruption, "data_corruption", 12, 500, "a stored record does not verify"},
    {errc::internal, "internal", 12, 500, "a bug"},
});

// The row of a code. Total: every enumerator has a row, proved below.
constexpr const error_info& info(errc code) noexcept {
  return error_table[static_cast<std::size_t>(code) - 1];
}

constexpr std::string_view to_string(errc code) noexcept {
  return info(code).name;
}

constexpr std::optional<errc> parse_errc(std::string_view name) noexcept {
  for (const auto& row : error_table)
    if (row.name == name)
      return row.code;
  return std::nullopt;
}

static_assert(
    [] {
      for (std::size_t i = 0; i < error_table.size(); ++i)
        if (static_cast<std::size_t>(error_table[i].code) != i + 1)
          return false;
      return true;
    }(),
    "the table's rows stand in the order of the codes, without a gap");

// Takes the place of a value that could not be given. `message` tells people which thing is wrong,
// how, and what to do; `details` is for programs.
struct error {
  errc code = errc::internal;
  std::string message;
  std::map<std::string, std::string> details = {};

  friend bool operator==(const error&, const error&) = default;
};

} // namespace pawl
