// The requests of clients, and the rollback that a lane asks for itself (going_back.hpp): each
// becomes a new
// deployment, or is refused before anything has begun.
#pragma once

#include "actors/lane/chosen_config.hpp"
#include "actors/lane/earlier_versions.hpp"
#include "actors/lane/reply.hpp"
#include "actors/lane/steps.hpp"
#include "actors/lane/warm_check.hpp"
#include "lifecycle/request_subject.hpp"

namespace pawl {

class requests {
public:
  requests(const lane_context& lane, const switch_ledger& switches, deadlines& when,
           intake& uploads, drain& taken_away, warm_check& checks, steps& path)
      : lane_(lane), switches_(switches), deadlines_(when), intake_(uploads), drain_(taken_away),
        checks_(checks), steps_(path),
        versions_(*lane.with.records, lane.facts, lane.with.cluster, lane.lane),
        configs_(*lane.with.records, lane.facts, lane.lane) {}

  // The same request again is answered with the deployment that it made before; another one under
  // its id is refused.
  void start_deployment(const start_deploy& what, const reply<admitted>& answer);
  void start_release(const pawl::start_release& what, const reply<admitted>& answer);

  // Answers with what a rollback would do; or with the reason for which it would be refused, or
  // would fail at once: the engine does not have the version's artifact any more.
  void plan(const plan_rollback& what, const reply<protocol::planned>& answer);

  // A request that was found good, and what admitting it needs.
  struct candidate {
    deployment draft;
    std::optional<when_busy> override_policy = {};
    upload_slots::place place = {}; // of a deploy
    std::vector<audit_record> audit = {};
    std::optional<change> configuration = {}; // of a configuration: its part of the change
  };

  // Makes the deployment, or refuses it.
  void admit(candidate asked, const reply<admitted>& answer);
  // For the audit journal, and for a deployment that begins in a frozen lane.
  void note_override(candidate& asked, const std::optional<std::string>& why) const;
  // Another request of the same id has made that deployment.
  void answer_known(const std::string& id, const request_subject& asked,
                    const reply<admitted>& answer);

  // Begins a rollback that the lane asks for itself, with a warning in its journal. It activates
  // beside what serves: if it does not become healthy, nothing changes.
  void begin_by_itself(deployment draft, std::string why);

private:
  void check_warm(const protocol::planned& plan, const reply<protocol::planned>& answer);
  result<void> take_current_config(deployment& draft) const;
  result<deployment> draft_of_restart() const;
  result<deployment> draft_of(const pawl::start_release& what) const;
  result<void> tell_config(protocol::planned& plan, const deployment& draft) const;
  result<change> change_of_new(deployment draft, state first) const;
  void take_over(change& wanted, const deployment& newcomer) const;
  void begin(const receipt& stored, intake::upload upload, const reply<admitted>& answer);
  void answer_admitted(const deployment& d, const reply<admitted>& answer,
                       std::uint64_t announced = 0);

  const lane_context& lane_;
  const switch_ledger& switches_;
  deadlines& deadlines_;
  intake& intake_;
  drain& drain_;
  warm_check& checks_;
  steps& steps_;
  earlier_versions versions_;
  chosen_config configs_;
};

} // namespace pawl
