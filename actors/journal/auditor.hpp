// Does what the audit journal needs by the clock: tells of failed logins once a minute, counted by
// their address, so that guessing fills no disk; and removes records that are too old.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/runtime/asking.hpp"

#include <functional>
#include <map>

namespace pawl {

struct auditor_parts {
  store_writer_actor writer;
  std::function<timestamp()> now;
  duration keep = limits::audit_keep; // a record, from its time on
};

struct auditor_state {
  static inline const char* name = "auditor";

  asking_pointer<auditor_actor, auditor_state> self;
  auditor_parts with;
  std::map<std::string, std::uint64_t> failed; // logins since the last record, by address

  void note(const login_failed& what);
  void tell_failed();
  void remove_old();
};

// It looks for old records a minute after its start, and then every limits::audit_removal_interval.
// The failed logins of the present minute are lost when it dies.
auditor_actor::behavior_type auditor(asking_pointer<auditor_actor, auditor_state> self,
                                     auditor_parts with);

} // namespace pawl
