// The audit journal: who asked for what, from where, and what came of it. Its records are only
// added, and removed by their age; values of variables and tokens are never in them.
#pragma once

#include "lifecycle/access.hpp"
#include "lifecycle/error.hpp"
#include "lifecycle/names.hpp"

#include <optional>
#include <string>

namespace pawl {

enum class audit_outcome : std::uint8_t { done, refused };

constexpr std::string_view to_string(audit_outcome outcome) noexcept {
  return outcome == audit_outcome::done ? "done" : "refused";
}

constexpr std::optional<audit_outcome> parse_audit_outcome(std::string_view name) noexcept {
  for (auto outcome : {audit_outcome::done, audit_outcome::refused})
    if (to_string(outcome) == name)
      return outcome;
  return std::nullopt;
}

struct audit_record {
  timestamp at = {};
  std::string by;
  std::string action; // of a request: the name of its permission
  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::optional<std::string> target = {}; // the thing that was changed: a deployment, a token
  audit_outcome outcome = audit_outcome::done;
  std::optional<errc> code = {}; // of a refusal
  std::string address;           // where the client is: an IP address, or "unix"
  std::string detail = {};

  friend bool operator==(const audit_record&, const audit_record&) = default;
};

// A request of `who`, of which it is not known yet what comes of it.
audit_record audit_of(const principal& who, std::string_view action,
                      std::optional<std::string> app = {}, std::optional<std::string> cluster = {});

// The same request, done: what it changed, and when.
audit_record done_with(audit_record asked, std::optional<std::string> target, timestamp at);

// The same request, refused.
audit_record refused_with(audit_record asked, const error& why, timestamp at);

// Cuts the texts of the record to limits::audit_name_bytes and limits::audit_detail_bytes.
void keep_within_limits(audit_record& x);

} // namespace pawl
