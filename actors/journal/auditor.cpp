#include "actors/journal/auditor.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

// Addresses beyond those that are counted by themselves.
const auto* const other_addresses = "other addresses";

audit_record record_of(const std::string& address, std::uint64_t times, timestamp now) {
  audit_record told;
  told.at = now;
  told.action = "login";
  told.outcome = audit_outcome::refused;
  told.code = errc::unauthenticated;
  told.address = address;
  told.detail = times == 1 ? "1 failed login" : fmt::format("{} failed logins", times);
  keep_within_limits(told);
  return told;
}

} // namespace

void auditor_state::note(const login_failed& what) {
  if (failed.empty())
    self->delayed_send(self, limits::failed_logins_interval, failed_logins_due{});
  const bool is_counted =
      failed.contains(what.address) || failed.size() < limits::failed_login_addresses;
  ++failed[is_counted ? what.address : other_addresses];
}

void auditor_state::tell_failed() {
  change told;
  for (const auto& [address, times] : std::exchange(failed, {}))
    told.audit.push_back(record_of(address, times, with.now()));
  self->request(with.writer, limits::request_timeout, std::move(told))
      .then([](const result<receipt>&) {}, [](const caf::error&) {});
}

// One step; if it has found as many records as a step removes, there are more.
void auditor_state::remove_old() {
  const auto later = [this] {
    self->delayed_send(self, limits::audit_removal_interval, audit_removal_due{});
  };
  change wanted;
  wanted.audit_kept_since = with.now() - with.keep;
  self->request(with.writer, limits::request_timeout, std::move(wanted))
      .then(
          [this, later](const result<receipt>& stored) {
            if (stored && stored->audit_removed == limits::audit_removed_at_once)
              self->send(self, audit_removal_due{});
            else
              later();
          },
          [later](const caf::error&) { later(); });
}

auditor_actor::behavior_type auditor(asking_pointer<auditor_actor, auditor_state> self,
                                     auditor_parts with) {
  self->state.self = self;
  self->state.with = std::move(with);
  self->delayed_send(self, limits::audit_first_removal, audit_removal_due{});
  return {
      [self](const login_failed& what) { self->state.note(what); },
      [self](const failed_logins_due&) { self->state.tell_failed(); },
      [self](const audit_removal_due&) { self->state.remove_old(); },
  };
}

} // namespace pawl
