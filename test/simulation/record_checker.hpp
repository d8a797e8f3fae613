// Checks the invariants of the records. It is told of every commit and of everything that a client
// is shown, and reports what breaks which invariant:
//   I1  what is shown was stored before, and stays
//   I2  one deployment in flight in a lane, one active
//   I3  only moves of the state machine; journals without a gap, which agree with the record
//   I6  one deployment for one request id
//   I7  what was said to be cancelled stays so: no move leaves it
//   I8  no deployment that was shown is ever missing
#pragma once

#include "persistence/store.hpp"
#include "test/simulation/machine.hpp"

namespace pawl::test {

class record_checker {
public:
  record_checker(machine& on, const store& records) : machine_(on), records_(records) {}

  // After each commit.
  void committed(const std::vector<result<receipt>>& outcomes);

  // A client was told of the deployment, or of an event.
  void shown(const deployment& d);
  void shown(const std::string& id, const event& what);
  // A client was told that it does not serve any more, because its app is destroyed.
  void destroyed(const std::string& id);
  // The counts of the processes of a deployment were shown.
  void told_of(const protocol::process_list& answer);
  void accepted(const std::string& request_id, const deployment& d);

  // All that was ever shown, and every journal: after a restart, and at the end.
  void check_all();

  // When another took the place of the last deployment that had its instances; nothing if they
  // serve, or never did.
  std::optional<duration> replaced_at(const std::string& id) const;
  // It served, until its app was destroyed.
  bool was_destroyed(const std::string& id) const { return destroyed_.contains(id); }

private:
  void check_moves(const deployment& d);
  void check_fields(const deployment& d);
  void check_lane(const lane_key& lane);
  void check_journal(const deployment& d);

  machine& machine_;
  const store& records_;
  std::map<std::string, deployment> known_; // as committed last
  std::map<std::string, deployment> shown_; // as a client saw it last
  std::map<std::string, std::string> requests_;
  std::map<std::string, duration> replaced_;
  std::set<std::string> destroyed_;
};

} // namespace pawl::test
