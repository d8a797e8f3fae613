// The processes of the active deployment, as people set them: how many instances each has, whether
// they run at all, and that they begin anew. Counts and the stop are facts of the lane, and stored
// before anything follows from them.
#pragma once

#include "actors/lane/replaced_instances.hpp"
#include "actors/lane/reply.hpp"
#include "actors/lane/service.hpp"
#include "lifecycle/processes.hpp"

namespace pawl {

class scaling {
public:
  scaling(const lane_context& lane, drain& taken_away, replaced_instances& replaced,
          service& serving, errands& open)
      : lane_(lane), drain_(taken_away), replaced_(replaced), service_(serving), errands_(open) {}

  void show(const describe_processes& what, const reply<protocol::process_list>& answer);

  // Answers when the counts are stored. Only the difference starts, or drains and is stopped.
  void scale(const scale_lane& what, const reply<protocol::process_list>& answer);
  // The drain of an instance that is one too many has passed.
  void end_drained(const surplus_drained& what);

  // The lane's route refuses requests, and its instances end; answers after that.
  void stop(const stop_lane& what, const reply<protocol::process_list>& answer);
  // Answers when it is stored.
  void start(const start_lane& what, const reply<protocol::process_list>& answer);

  // Stops and starts the instances of a process that is not routed. Answers when that has begun.
  void restart(const restart_process& what, const reply<protocol::process_list>& answer);

private:
  std::optional<error> refusal() const;
  change change_of(lane_record lane, const std::optional<audit_record>& asked,
                   std::string detail) const;
  void end_surplus(const std::vector<std::string>& names);
  void stop_instances(const deployment& stopped);
  void end_stop();
  protocol::process_list list() const;

  const lane_context& lane_;
  drain& drain_;
  replaced_instances& replaced_;
  service& service_;
  errands& errands_;
  bool stopping_ = false;
  std::vector<std::function<void()>> after_stop_; // what waits for the end of the stop
};

} // namespace pawl
