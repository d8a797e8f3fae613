// The rollback that a lane asks for itself, when the active deployment has turned unhealthy in its
// watch_period. If the version before still has warm instances, they are checked first: where both
// fail, the fault is outside of both, and the active one is held.
#pragma once

#include "actors/lane/requests.hpp"
#include "actors/lane/service.hpp"
#include "actors/lane/warm_check.hpp"

namespace pawl {

class going_back {
public:
  going_back(const lane_context& lane, warm_check& checks, service& serving, requests& asked)
      : lane_(lane), checks_(checks), service_(serving), requests_(asked),
        versions_(*lane.with.records, lane.facts, lane.with.cluster, lane.lane) {}

  // The active deployment is bad, for that reason. Each check that it fails comes here again.
  void consider(const std::string& why);

private:
  void judge(const std::string& active, const std::string& why, const warm_finding& old);
  void hold(const deployment& before, const warm_finding& old);
  void go_back(const deployment& before, const std::string& why);
  std::string request_id() const;

  const lane_context& lane_;
  warm_check& checks_;
  service& service_;
  requests& requests_;
  earlier_versions versions_;
  bool checking_ = false; // the version before
};

} // namespace pawl
