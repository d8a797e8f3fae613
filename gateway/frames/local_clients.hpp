// The connections of the users of this machine: how many each may have, before it has said
// anything. Pure.
#pragma once

#include <cstddef>
#include <map>

#include <sys/types.h>

namespace pawl::gateway {

class local_clients {
public:
  // `own`: the user that the server runs as. `most`: connections of all listeners together.
  local_clients(uid_t own, std::size_t most) : own_(own), most_(most) {}

  // Whether that user may have another one, while all listeners have `in_all`: root and the own
  // user as long as there is any place, others as may_take_another() says, without
  // limits::connections_of_owner of them.
  bool admits(uid_t user, std::size_t in_all) const;

  void add(uid_t user) { ++open_[user]; }
  void remove(uid_t user);

private:
  uid_t own_;
  std::size_t most_;
  std::map<uid_t, std::size_t> open_;
};

} // namespace pawl::gateway
