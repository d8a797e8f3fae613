// The rhythm of a lane: its decisions come one after another, and a decision that has begun a
// commit keeps the others waiting until the store has answered. So nothing is decided on what is
// not on disk, and nothing is answered, shown or done before the commit that it follows from.
//
// If the store refuses what a worker or a timer brought about, or does not answer, the lane cannot
// go on: it ends, and its successor begins again from the store.
#pragma once

#include "actors/lane/lane_facts.hpp"
#include "lifecycle/event.hpp"

#include <deque>
#include <functional>

namespace pawl {

// The actor, as its commit queue sees it.
class commit_host {
public:
  using on_answer = std::function<void(result<receipt>&)>;

  virtual ~commit_host() = default;

  // Sends the change to the STORE WRITER. Either calls `answered` later, or, if no answer comes,
  // cannot_go_on() of the queue.
  virtual void store(change wanted, on_answer answered) = 0;

  // The same, where nobody waits for the outcome.
  virtual void store_notes(change wanted) = 0;

  // Calls commit_queue::store_notes() after limits::log_batch_delay.
  virtual void call_for_notes() = 0;

  virtual timestamp now() const = 0;

  // A commit has been answered, and what followed from it is done.
  virtual void committed() = 0;

  // Decisions may have been made: with none waiting, the lane may begin what is next.
  virtual void decided() = 0;

  // Ends the actor, with a reason: it is brought back from the store.
  virtual void quit() = 0;
};

class commit_queue {
public:
  using decision = std::function<void()>;
  using on_stored = std::function<void(receipt&)>;
  using on_refused = std::function<void(error)>;

  commit_queue(lane_facts& facts, commit_host& host) : facts_(facts), host_(host) {}

  // Decisions are made from now on; those that came before have waited.
  void open() { open_ = true; }
  bool is_open() const { return open_; }

  // No decision waits, and no commit is under way.
  bool is_free() const { return open_ && !committing_; }
  bool is_quiet() const { return is_free() && waiting_.empty(); }

  // Makes the decision now, or when those before it are made and their commits are answered.
  void enqueue(decision what);
  void run_waiting();

  // Within a decision: stores the change. When it is stored, the lane's facts are those of the
  // receipt, and `then` is called; if it is refused, `otherwise`.
  void commit(change wanted, on_stored then, on_refused otherwise);

  // For a change that a worker or a timer brought about: a refusal ends the lane. The notes of the
  // deployment go with it.
  void commit(change wanted, on_stored then);

  // Stores a deployment that advance() or fail() has moved, with the event that says so, and the
  // version that it is given, and what the audit journal is told. The first deployment of the
  // receipt is this one.
  void move(result<deployment> advanced, on_stored then, std::optional<version_record> version = {},
            std::vector<audit_record> audit = {});

  // An event for the journal of the deployment in flight. It goes with the deployment's next move,
  // or after limits::log_batch_delay without one. One of another deployment is dropped.
  void note(const std::string& deployment, event_body body);
  void store_notes();

  // Decides nothing more: what waits is dropped, and the actor ends.
  void cannot_go_on();

private:
  bool has_notes() const;
  void add_notes(change& to);

  lane_facts& facts_;
  commit_host& host_;
  bool open_ = false;
  bool committing_ = false;
  std::deque<decision> waiting_;
  journal_append notes_; // of the deployment in flight, not stored yet
};

} // namespace pawl
