#include "client/exit_status.hpp"

#include <fmt/format.h>

namespace pawl::client {

std::optional<error> outcome_error(const deployment& record) {
  if (was_active(record.state) || !is_settled(record.state))
    return std::nullopt;
  if (record.error)
    return error{record.error->code, record.error->message, record.error->details};
  auto code = record.state == state::cancelled    ? errc::cancelled
              : record.state == state::superseded ? errc::superseded
                                                  : errc::internal;
  return error{code,
               fmt::format("deployment {} is {}: {}", record.id, to_string(record.state),
                           info(record.state).meaning),
               {}};
}

int exit_status(const std::optional<error>& problem) {
  return problem ? info(problem->code).exit : 0;
}

} // namespace pawl::client
