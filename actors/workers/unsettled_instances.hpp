// The instances of which an engine call, a start or a stop, is under way. Such a call outlives the
// actor that asked for it: a lane that comes back would otherwise let an instance serve that its
// predecessor has told to stop, or know nothing of one that its predecessor is starting. Any
// thread.
#pragma once

#include "engines/engine.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace pawl {

class unsettled_instances : public std::enable_shared_from_this<unsettled_instances> {
public:
  // A call has begun, until the last copy of the result is gone. Without its lane an instance is
  // told only where the engine lists it.
  std::shared_ptr<void> begin(instance of);

  bool contains(const std::string& name) const;

  // The engine's list, in which all of these have exited: nobody can say whether they will run.
  // They are there also if the engine does not list them.
  result<std::vector<instance>> list(engine& from) const;

private:
  struct calls {
    std::size_t under_way = 0;
    instance of;
  };

  void end(const std::string& name);

  mutable std::mutex mutex_;
  std::map<std::string, calls> all_; // by the instance's name
};

} // namespace pawl
