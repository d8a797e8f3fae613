// The volumes of an engine that is in memory, and the instances that were given them.
#pragma once

#include "engines/engine.hpp"

#include <map>
#include <set>

namespace pawl::test {

class volume_book {
public:
  void note(const instance_spec& started) {
    for (const auto& [name, where] : started.settings.volumes)
      all_[{started.lane, name}].insert(started.name);
  }

  std::vector<volume> list() const {
    std::vector<volume> found;
    for (const auto& [key, users] : all_)
      found.push_back({key.first, key.second});
    return found;
  }

  // As engine says; `known` has the instances that were not stopped, by name.
  template <class Instances>
  result<void> remove(const lane_key& lane, const std::string& name, const Instances& known) {
    const auto found = all_.find({lane, name});
    if (found == all_.end())
      return error{errc::not_found, "there is no volume " + name, {}};
    for (const auto& user : found->second)
      if (known.contains(user))
        return error{errc::invalid_transition, user + " has the volume " + name, {}};
    all_.erase(found);
    return {};
  }

private:
  std::map<std::pair<lane_key, std::string>, std::set<std::string>> all_; // and their instances
};

} // namespace pawl::test
