// The messages about freezes and the audit journal; and their answers.
#pragma once

#include "protocol/fields.hpp"

namespace pawl::protocol {

// Asks that nothing new begins in lanes: of one app or all, in one cluster or all; answered by
// `frozen`.
struct freeze_request {
  static constexpr std::string_view kind = "freeze_request";

  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
  std::string reason;
  std::optional<timestamp> until = {}; // without: until it is lifted
};

template <class Visit, is_a<freeze_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
  visit("reason", x.reason);
  visit("until", x.until);
}

result<void> check(const freeze_request& m);

// Asks that the freeze of exactly this scope ends; answered by `unfrozen`.
struct unfreeze_request {
  static constexpr std::string_view kind = "unfreeze_request";

  std::optional<std::string> app = {};
  std::optional<std::string> cluster = {};
};

template <class Visit, is_a<unfreeze_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("cluster", x.cluster);
}

result<void> check(const unfreeze_request& m);

// Asks for a page of the audit journal, newest first; answered by `audit_list`.
struct audit_request {
  static constexpr std::string_view kind = "audit_request";

  std::optional<std::string> app = {};
  std::optional<std::string> by = {};
  std::optional<std::string> action = {};
  std::optional<timestamp> since = {};
  std::optional<timestamp> until = {};
  std::uint32_t limit = limits::history_page_default;
  std::optional<std::string> cursor = {};
};

template <class Visit, is_a<audit_request> Object>
void fields(Visit&& visit, Object& x) {
  visit("app", x.app);
  visit("by", x.by);
  visit("action", x.action);
  visit("since", x.since);
  visit("until", x.until);
  visit("limit", x.limit);
  visit("cursor", x.cursor);
}

result<void> check(const audit_request& m);

// --- answers

// The freeze holds, and is on disk.
struct frozen {
  static constexpr std::string_view kind = "frozen";

  freeze_record freeze;
};

template <class Visit, is_a<frozen> Object>
void fields(Visit&& visit, Object& x) {
  visit("freeze", x.freeze);
}

// Its size alone bounds it.
inline result<void> check(const frozen&) {
  return {};
}

// The freeze that held until now.
struct unfrozen {
  static constexpr std::string_view kind = "unfrozen";

  freeze_record freeze;
};

template <class Visit, is_a<unfrozen> Object>
void fields(Visit&& visit, Object& x) {
  visit("freeze", x.freeze);
}

// Its size alone bounds it.
inline result<void> check(const unfrozen&) {
  return {};
}

struct audit_list {
  static constexpr std::string_view kind = "audit_list";

  std::vector<audit_record> records;
  std::optional<std::string> next_cursor = {};
  std::vector<pawl::error> damaged = {}; // one for each record of the page that cannot be read
};

template <class Visit, is_a<audit_list> Object>
void fields(Visit&& visit, Object& x) {
  visit("records", x.records);
  visit("next_cursor", x.next_cursor);
  visit("damaged", x.damaged);
}

result<void> check(const audit_list& m);

} // namespace pawl::protocol
