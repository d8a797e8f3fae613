// The requests that change the lane's variables: each makes the next revision of its configuration,
// and where a version serves, a deployment that applies it, in one commit.
#pragma once

#include "actors/lane/requests.hpp"

namespace pawl {

class configuring {
public:
  configuring(const lane_context& lane, requests& asked)
      : lane_(lane), requests_(asked), configs_(*lane.with.records, lane.facts, lane.lane) {}

  // The same request again is answered with what it made before.
  void configure(const configure_lane& what, const reply<admitted>& answer);

private:
  // The answer to a request that made a revision before, and no deployment.
  result<std::optional<admitted>> known_as_staged(const std::string& request_id) const;
  result<configuration> next_of(const configure_lane& what) const;
  void stage(change wanted, const configure_lane& what, const reply<admitted>& answer);
  void apply(change wanted, const configure_lane& what, const reply<admitted>& answer);

  const lane_context& lane_;
  requests& requests_;
  chosen_config configs_;
};

} // namespace pawl
