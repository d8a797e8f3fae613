#include "actors/journal/auditor.hpp"

#include "lifecycle/ip_address.hpp"

#include <fmt/format.h>

#include <utility>

namespace pawl {

namespace {

// Addresses and users beyond those that are counted by themselves.
const auto* const all_others = "others";

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

audit_record record_of(audit_record latest, std::uint64_t times) {
  latest.detail = fmt::format("the latest of {} more that were refused within a minute; {}", times,
                              latest.detail);
  keep_within_limits(latest);
  return latest;
}

} // namespace

void auditor_state::note(const login_failed& what) {
  begin_minute();
  const auto address = counted_address(what.address);
  const bool by_itself = failed.contains(address) || failed.size() < limits::failed_login_addresses;
  ++failed[by_itself ? address : all_others];
}

caf::result<refusal_told> auditor_state::tell(audit_record& what) {
  begin_minute();
  const bool by_itself = refused.contains(what.by) || refused.size() < limits::audited_users;
  auto& known = refused[by_itself ? what.by : all_others];
  if (known.told == limits::audited_refusals) {
    ++known.counted;
    known.latest = std::move(what);
    return refusal_told{};
  }
  ++known.told;
  change wanted;
  wanted.audit.push_back(std::move(what));
  auto promise = self->make_response_promise<refusal_told>();
  self->request(with.writer, limits::request_timeout, std::move(wanted))
      .then([promise](const result<receipt>&) mutable { promise.deliver(refusal_told{}); },
            [promise](const caf::error&) mutable { promise.deliver(refusal_told{}); });
  return promise;
}

void auditor_state::begin_minute() {
  if (!std::exchange(minute_runs, true))
    self->delayed_send(self, limits::audit_minute, audit_minute_passed{});
}

void auditor_state::end_minute() {
  minute_runs = false;
  tell_counted();
}

void auditor_state::tell_counted() {
  change told;
  for (const auto& [address, times] : std::exchange(failed, {}))
    told.audit.push_back(record_of(address, times, with.now()));
  for (auto& [user, known] : std::exchange(refused, {}))
    if (known.counted > 0)
      told.audit.push_back(record_of(std::move(known.latest), known.counted));
  if (told.audit.empty())
    return;
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
      [self](tell_refusal& refusal) { return self->state.tell(refusal.what); },
      [self](const tell_counts&) {
        self->state.tell_counted();
        return counts_told{};
      },
      [self](const audit_minute_passed&) { self->state.end_minute(); },
      [self](const audit_removal_due&) { self->state.remove_old(); },
  };
}

} // namespace pawl
