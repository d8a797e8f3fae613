// The DeploymentActor: one for each lane. Every request and every worker's report of the lane
// passes through its mailbox, so what it decides needs no lock.
//
// The rhythm: an event arrives; advance() allows the transition; the store commits it; act() does
// what next_action() says. While a commit is under way, further decisions wait in their order;
// nothing is answered, shown or done before the commit that it follows from. If the store cannot
// commit what a worker has reported, the actor ends, and its supervisor brings it back from the
// store: the same path as after a crash.
#pragma once

#include "actors/lane/served_instance.hpp"
#include "actors/runtime/asking.hpp"
#include "actors/workers/exit_watch.hpp"
#include "actors/workers/upload_slots.hpp"
#include "lifecycle/switch_ledger.hpp"

#include <caf/actor_clock.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace pawl {

// What a lane works with. Shared by all lanes but for `cluster`.
struct lane_parts {
  cluster_settings cluster;
  std::shared_ptr<const store> records;
  std::shared_ptr<pawl::engine> engine;
  std::shared_ptr<source_store> sources;
  store_writer_actor writer;
  route_keeper_actor routes;
  supervisor_actor supervisor; // hears of the ends of what serves, and keeps the lane at rest
  std::shared_ptr<service_watches> watches;
  // Each of these may be refused a thread: the first says so, the others answer so.
  std::function<result<source_worker_actor>(deployment_actor)> make_source_worker;
  std::function<build_worker_actor()> make_build_worker;
  std::function<activation_worker_actor(deployment_actor)> make_activation_worker;
  std::function<health_checker_actor(deployment_actor)> make_health_checker;
  std::shared_ptr<upload_slots> upload_places;
  hand_maker make_hand;
  std::function<std::vector<std::string>(const lane_key&, const std::vector<instance>&)> urls;
  std::function<timestamp()> now;
  std::function<std::string()> new_id;
  std::uint64_t upload_bytes_max = limits::source_bytes;
  duration upload_timeout = limits::upload_timeout;
  std::size_t queued_max = limits::queued_deployments;
  duration idle = limits::lane_idle;
};

// The answer to a request, given once, now or later. If the actor ends first, that is the answer:
// CAF would say nothing, and the asker would wait for its timeout.
template <class T>
class reply {
public:
  explicit reply(caf::typed_response_promise<result<T>> promise)
      : promise_(std::make_shared<kept_promise>(std::move(promise))) {}

  void operator()(result<T> outcome) const { promise_->give(std::move(outcome)); }

private:
  class kept_promise {
  public:
    explicit kept_promise(caf::typed_response_promise<result<T>> promise)
        : promise_(std::move(promise)) {}
    kept_promise(const kept_promise&) = delete;
    kept_promise& operator=(const kept_promise&) = delete;
    ~kept_promise() {
      if (!given_)
        give(error{
            errc::unavailable, "the lane was restarted before it could answer; try again", {}});
    }

    void give(result<T> outcome) {
      given_ = true;
      promise_.deliver(std::move(outcome));
    }

  private:
    caf::typed_response_promise<result<T>> promise_;
    bool given_ = false;
  };

  std::shared_ptr<kept_promise> promise_;
};

struct deployment_actor_state {
  static inline const char* name = "deployment_actor";

  // What still runs for the lane is stopped: whoever takes the lane over begins it again.
  ~deployment_actor_state() { stop.request_stop(); }

  // Names one stay of one deployment in one state: a report or timer of an earlier stay is void.
  struct stay {
    std::string deployment;
    std::size_t transitions = 0;
  };

  using decision = std::function<void()>;
  using on_stored = std::function<void(receipt&)>;
  using on_refused = std::function<void(error)>;

  asking_pointer<deployment_actor, deployment_actor_state> self;
  lane_key lane;
  lane_parts parts;

  // --- what the store says of the lane ---
  lane_record record;
  std::optional<deployment> in_flight;
  std::deque<deployment> queue; // oldest first
  std::optional<deployment> active;

  // --- the rhythm (deployment_actor.cpp) ---
  bool resumed = false;    // the engine and the router answer
  bool committing = false; // a commit is under way
  std::deque<decision> waiting;
  journal_append notes; // of the deployment in flight, that are not stored yet

  void load();
  void decide(decision what);
  void commit(change wanted, on_stored then, on_refused otherwise);
  // For what a worker or a timer brought about: a refusal ends the actor.
  void commit(change wanted, on_stored then);
  void run_waiting();
  // Decides nothing more: the supervisor brings the lane back from the store.
  void end();
  void move(result<deployment> advanced, on_stored then,
            std::optional<version_record> version = {});
  void act();
  void start_next();
  void note(const journal_note& what);
  void store_notes();
  bool has_notes() const;
  void add_notes(change& to);
  stay here() const { return {in_flight->id, in_flight->transitions.size()}; }
  bool still(const stay& then) const;

  // --- the moments that end what takes too long (lane_moments.cpp) ---
  // Only the first has a message in the clock, which forgets none before it is due.
  struct moment {
    enum class purpose : std::uint8_t { deadline, upload_check };
    purpose what = purpose::deadline;
    stay of; // void when the deployment has gone on
    caf::actor_clock::time_point due;
  };
  std::vector<moment> moments;
  std::optional<caf::actor_clock::time_point> next_look;

  void wait_for(moment::purpose what, stay of, duration wait);
  void forget_void_moments();
  void look_at(const moment& one); // when it is due, and not before an earlier one
  void pass_moments();
  void pass(const moment& which);
  bool is_current(const stay& of) const;
  void arm_deadline(const deployment& d);
  void pass_deadline(const stay& of);
  void fail_queued(const std::string& id, const error& why); // if it waits for its turn

  // --- what a server that starts finds in flight (lane_resumption.cpp) ---
  // Resumed, and the server not known to survive it.
  struct resumption_trial {
    stay of;
    reply<done> survived;
  };
  bool held = false; // in flight, and not acted on before its turn
  std::optional<resumption_trial> trial;

  void resume(const resume_lane& how);
  void take_up(resumption how);
  void take_its_turn(const take_turn& what, reply<done> answer);
  void count_resumption(std::uint32_t resumes, on_stored then);
  void survive_resumption(const resumption_survived& what);
  void end_trial_if_moved();
  void give_up();

  // --- requests (lane_requests.cpp) ---
  // With its place among the server's uploads.
  struct open_upload_work {
    source_worker_actor worker;
    upload_slots::place place;
  };

  void start_deployment(const start_deploy& what, reply<admitted> answer);
  void start_earlier_version(const start_release& what, reply<admitted> answer);
  result<deployment> draft_of(operation op, version_number version) const;
  void admit_draft(deployment draft, std::optional<when_busy> override_policy,
                   upload_slots::place place, reply<admitted> answer);
  result<change> change_of_new(deployment draft, state first) const;
  void take_over(change& wanted, const deployment& newcomer) const;
  void admit_stored(const receipt& stored, bool takes_over, open_upload_work upload,
                    const reply<admitted>& answer);
  void answer_known(const std::string& id, reply<admitted> answer);
  void answer_admitted(const deployment& d, reply<admitted> answer);
  result<deployment> version_before() const;
  result<deployment> version_live_here(version_number version) const;
  result<protocol::planned> plan(const plan_rollback& what) const;
  protocol::lane_view describe() const;

  // --- cancelling (lane_cancel.cpp) ---
  std::vector<reply<deployment>> cancel_waiters;
  void cancel(const cancel_deployment& what, reply<deployment> answer);
  void cancel_queued(const deployment& d, const failure& why, reply<deployment> answer);
  void begin_cancel(const failure& why, const std::string& by);
  void stop_work();
  void stop_new_instances();
  void finish_cancel();

  // --- steps (lane_steps.cpp) ---
  std::map<std::string, open_upload_work> uploads; // of deployments whose source is awaited
  activation_worker_actor activator;
  std::stop_source stop;
  // Workers that have died instead of answering.
  struct worker_deaths {
    stay in;
    std::uint32_t count = 0;
  };
  worker_deaths deaths;
  bool working = false; // a worker has an order and has not answered
  switch_ledger switches;
  bool verifying = false;
  bool release_may_run = false; // `releasing` was entered by this actor, not found in the store
  caf::actor_clock::time_point upload_moved_at = {};
  std::uint64_t upload_noted = 0; // bytes that the last progress event told of

  result<source_worker_actor> new_source_worker();
  result<source_worker_actor> upload_worker(const std::string& id);
  void end_upload(const std::string& id);
  void discard_upload(const std::string& id, std::function<void()> then);
  void note_early_upload(const upload_moved& what);
  void fail_if_stalled_after(duration wait);
  void look_for_source(std::function<void(std::uint64_t)> otherwise);
  void receive_source();
  void note_upload(const upload_moved& what);
  void fail_if_stalled(const stay& of);
  void verify_source();
  void build();
  void push();
  version_record version_of(const artifact& made) const;
  void leave_pushing(std::optional<version_record> version);
  void run_release();
  void activate();
  void begin_activation();
  void switch_traffic(std::vector<instance> healthy);
  void commit_active(std::vector<instance> healthy);
  void fail_with(error why);
  void fail_with_logs(error why);
  build_job job() const;
  std::vector<instance_spec> specs(const deployment& d) const;
  std::vector<std::string> instance_names(const deployment& d) const;
  template <class Worker, class Order, class Answer>
  void order(const Worker& worker, duration patience, Order what,
             std::function<void(result<Answer>&)> then);
  void lose_worker(const stay& at, const deployment& tried, const caf::error& why);

  // --- what serves (lane_service.cpp) ---
  std::vector<served_instance> serving; // all instances of the active deployment

  void serve(const std::vector<instance>& running);
  void resume_service(const resume_lane& how);
  void go_on_serving(const service_at_rest& rested);
  bool serves_quietly() const;
  service_at_rest at_rest() const;
  void keep_up(served_instance& one, const instance& running);
  void lose_instance(const instance_exited& what);
  void restart_later(served_instance& one, std::string why);
  void restart(const restart_instance& what);
  void end_restart(const restart_instance& what, const result<std::vector<instance>>& outcome);
  void end_life(const restart_instance& what); // of one that did not get healthy
  void stop_serving();
  void restore_route();
  void retry_route(const std::string& deployment);
  served_instance* find_serving(const std::string& name);

  // --- what has just gone live (lane_watch.cpp) ---
  watch_policy watched;
  bool watching = false; // the active deployment's watch_period has not passed

  void begin_watch();
  void end_watch(const watch_passed& what);
  void check_regularly_if_watched(served_instance& one);
  void note_check(const instance_checked& what);
  void judge_watch(const served_instance& one);
  std::optional<deployment> watch_fallback() const;
  void roll_back_by_itself(const deployment& to, const std::string& why);

  // --- what no longer serves (lane_drain.cpp) ---
  std::map<std::string, deployment> draining; // replaced, their instances not stopped yet
  std::size_t errands = 0; // hands that were not dismissed, and what is tried again

  void stop_strays(const std::vector<instance>& running);
  void drain_later(const deployment& replaced);
  void stop_drained(const drain_passed& what);
  void stop_instances(const std::vector<std::string>& names, duration grace,
                      std::function<void()> then);
  void take_away(const deployment& d, std::function<void()> then);
  void leave_router(const std::string& id, std::function<void()> then);
  void ask_to_leave(const std::string& id, std::function<void()> then);
  std::optional<error> undecided_switch() const;
  void try_later(std::function<void()> what);
  void clean_up_late(const deployment& tried);
  void clean_up(const deployment& ended);
  void discard_leftovers(const std::string& id);
  engine_hand_actor hand();
  void dismiss(const engine_hand_actor& one);
  route route_to(const std::string& deployment_id, const std::vector<instance>& instances) const;

  // --- idleness (deployment_actor.cpp) ---
  caf::actor_clock::time_point idle_since = {}; // without decisions
  bool idle_timer = false;                      // idle_passed is under way

  bool idle() const;
  void wait_for_idleness();
  void end_if_idle();
};

// Begins by reading the lane from the store, and decides nothing before resume_lane.
deployment_actor::behavior_type
deployment_lane(asking_pointer<deployment_actor, deployment_actor_state> self, lane_key lane,
                lane_parts parts);

} // namespace pawl
