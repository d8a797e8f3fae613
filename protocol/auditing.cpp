#include "protocol/auditing.hpp"

#include "protocol/checks.hpp"

#include <fmt/format.h>

namespace pawl::protocol {

using namespace checks;

result<void> check(const freeze_request& m) {
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster),
                     reason("the reason of the freeze", m.reason));
}

result<void> check(const unfreeze_request& m) {
  return first_error(optional_name("app", m.app), optional_name("cluster", m.cluster));
}

result<void> check(const audit_request& m) {
  if (m.limit == 0 || m.limit > limits::history_page_max)
    return wrong(
        fmt::format("a page of the audit journal has 1 to {} records", limits::history_page_max));
  return first_error(optional_name("app", m.app),
                     optional_text("the user's name", m.by, limits::audit_name_bytes),
                     optional_text("the action", m.action, limits::audit_name_bytes),
                     optional_text("the cursor", m.cursor, limits::cursor_bytes));
}

result<void> check(const audit_list& m) {
  return first_error(
      at_most("a page", m.records.size() + m.damaged.size(), limits::history_page_max, "records"),
      optional_text("the cursor", m.next_cursor, limits::cursor_bytes));
}

} // namespace pawl::protocol
