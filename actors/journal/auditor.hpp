// Tells the audit journal what clients could fill a disk with: each minute the failed logins,
// counted by their address, and the refusals of each user beyond limits::audited_refusals, counted
// too. Removes records that are too old.
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
  // The refusals of one user in the present minute.
  struct refusals {
    std::size_t told = 0;
    std::uint64_t counted = 0;
    audit_record latest = {}; // of those
  };
  std::map<std::string, std::uint64_t> failed; // logins of the present minute, by address
  std::map<std::string, refusals> refused;     // by user
  bool minute_runs = false;

  void note(const login_failed& what);
  caf::result<refusal_told> tell(audit_record& what);
  void begin_minute();
  void end_minute();
  void tell_counted(); // and begins to count anew
  void remove_old();
};

// It looks for old records a minute after its start, and then every limits::audit_removal_interval.
// Its counts of the present minute are lost when it dies; a server that is stopped asks for them.
auditor_actor::behavior_type auditor(asking_pointer<auditor_actor, auditor_state> self,
                                     auditor_parts with);

} // namespace pawl
