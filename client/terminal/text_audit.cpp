#include "client/terminal/text_audit.hpp"

#include "posix/utf8.hpp"

#include <fmt/format.h>

namespace pawl::client {

namespace {

std::string until_text(const std::optional<timestamp>& until) {
  return until ? "until " + format_time(*until) : "until it is lifted";
}

std::string scope_text(const freeze_record& freeze, const look& how) {
  return how.strong(printable(to_string(scope_of(freeze))));
}

std::string name_text(const std::optional<std::string>& name) {
  return name ? printable(*name) : "-";
}

std::string outcome_text(const audit_record& record, const look& how) {
  if (record.outcome == audit_outcome::done)
    return std::string{to_string(record.outcome)};
  return how.bad(record.code ? to_string(*record.code) : to_string(record.outcome));
}

} // namespace

std::string frozen_text(const protocol::frozen& what, const look& how) {
  const auto& freeze = what.freeze;
  return fmt::format("{} frozen {}: {}\nto lift it: pawl unfreeze{}\n", scope_text(freeze, how),
                     until_text(freeze.until), printable(freeze.reason),
                     printable(options_of(scope_of(freeze))));
}

std::string unfrozen_text(const protocol::unfrozen& what, const look& how) {
  const auto& freeze = what.freeze;
  return fmt::format("{} not frozen any more; the freeze of {} was: {}\n", scope_text(freeze, how),
                     printable(freeze.by), printable(freeze.reason));
}

std::string audit_text(const protocol::audit_list& list, const look& how) {
  std::string text;
  if (list.records.empty()) {
    text = list.next_cursor ? "none found so far\n" : "no records match\n";
  } else {
    constexpr std::size_t detail_least = 16;
    table_rows all;
    for (const auto& each : list.records)
      all.push_back({format_time(each.at), printable(each.by), printable(each.action),
                     name_text(each.app), name_text(each.cluster), name_text(each.target),
                     outcome_text(each, how), printable(each.address), printable(each.detail)});
    text = table({{"AT"},
                  {"BY"},
                  {"ACTION"},
                  {"APP", 4},
                  {"CLUSTER", 3},
                  {"TARGET", 2},
                  {"OUTCOME"},
                  {"ADDRESS", 1},
                  {"DETAIL", 5, detail_least}},
                 all, how);
  }
  for (const auto& one : list.damaged)
    text += fmt::format("damaged, and not shown: {}\n", printable(one.message));
  if (list.next_cursor)
    text += fmt::format("to see more: the same command with --cursor {}\n",
                        printable(*list.next_cursor));
  return text;
}

std::string freeze_text(const lane_freeze& frozen) {
  return fmt::format("by {} {}: {}", printable(frozen.by), until_text(frozen.until),
                     printable(frozen.reason));
}

} // namespace pawl::client
