#include "lifecycle/audit.hpp"

#include "lifecycle/bounded_text.hpp"
#include "lifecycle/limits.hpp"

namespace pawl {

audit_record audit_of(const principal& who, std::string_view action, std::optional<std::string> app,
                      std::optional<std::string> cluster) {
  return {.at = {},
          .by = who.name,
          .action = std::string{action},
          .app = std::move(app),
          .cluster = std::move(cluster),
          .target = {},
          .outcome = audit_outcome::done,
          .code = {},
          .address = who.address,
          .detail = {}};
}

audit_record done_with(audit_record asked, std::optional<std::string> target, timestamp at) {
  asked.at = at;
  asked.target = std::move(target);
  keep_within_limits(asked);
  return asked;
}

audit_record refused_with(audit_record asked, const error& why, timestamp at) {
  asked.at = at;
  asked.outcome = audit_outcome::refused;
  asked.code = why.code;
  if (asked.detail.empty())
    asked.detail = why.message;
  keep_within_limits(asked);
  return asked;
}

void keep_within_limits(audit_record& x) {
  for (auto* name : {&x.by, &x.action, &x.address})
    *name = shortened(std::move(*name), limits::audit_name_bytes);
  for (auto* name : {&x.app, &x.cluster, &x.target})
    if (*name)
      *name = shortened(std::move(**name), limits::audit_name_bytes);
  x.detail = shortened(std::move(x.detail), limits::audit_detail_bytes);
}

} // namespace pawl
