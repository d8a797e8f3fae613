// The uploads of a lane: of the deployment that is preparing, and of those that wait for their turn
// and whose clients send already. Each has a SOURCE WORKER, and a place among the server's uploads.
//
// If nothing came of one for upload_timeout: the deployment in flight fails; one that waits gives
// back its worker and its place, and goes on with the bytes that it has when its client comes back,
// or at its turn.
#pragma once

#include "actors/lane/deadlines.hpp"
#include "actors/lane/errands.hpp"
#include "actors/lane/lane_context.hpp"

#include <map>

namespace pawl {

class intake {
public:
  // An upload that goes on: who takes it in, and its place.
  struct upload {
    source_worker_actor worker;
    upload_slots::place place;
    caf::actor_clock::time_point moved_at = {}; // the last that came of it, or its client
  };

  using on_offset = std::function<void(const source_worker_actor&, result<std::uint64_t>&)>;
  using on_lost = std::function<void(const caf::error&)>;

  intake(const lane_context& lane, deadlines& when, errands& open)
      : lane_(lane), deadlines_(when), errands_(open) {}

  // No upload has a worker or a place.
  bool is_empty() const { return uploads_.empty(); }

  // A worker for an upload, linked to the lane; refused if there is no thread for it.
  result<source_worker_actor> new_worker() const;

  // A deployment was admitted, and its upload begins.
  void begin(const deployment& d, upload with);

  // Asks for the offset from which an upload goes on, of a worker that is made if there is none.
  // Then one of the two is called, in no decision; neither if a worker, or its place, is refused.
  result<done> open(const deployment& d, on_offset opened, on_lost lost);

  // The worker and the place of an upload go.
  void end(const std::string& deployment);

  // The same, when the worker has forgotten the upload: a call that it has still to make would
  // bring back what another removes. Then calls `then`.
  void discard(const std::string& deployment, std::function<void()> then);

  // The deployment in flight has come to preparing: its source is awaited.
  void receive();

  // A worker's report. Tells the lane when all of the awaited source is there.
  void note_moved(const upload_moved& what);

  // The same before the deployment's turn: complete, it needs neither a worker nor a place.
  void note_early(const upload_moved& what);

  // The deadline for the next of a source has passed: of the deployment in flight, or of one that
  // waits.
  void check(const state_visit& visit);

  // The worker of the deployment in flight that is to verify its source. Nothing if one does that
  // already.
  std::optional<result<source_worker_actor>> begin_verifying();

private:
  result<source_worker_actor> worker_of(const deployment& d);
  void check_in_time(const deployment& d);
  void give_back_if_silent(const state_visit& visit);
  void close(const std::string& deployment);
  duration silence_of(caf::actor_clock::time_point since) const;
  void fail_if_stalled(const state_visit& visit);
  void look_for_source(std::function<void()> otherwise);
  void fail_if_stalled_after(duration wait);

  const lane_context& lane_;
  deadlines& deadlines_;
  errands& errands_;
  std::map<std::string, upload> uploads_; // of deployments whose source is awaited
  state_visit receiving_;                 // of the source that is awaited
  bool verifying_ = false;                // a worker has had the order since
  caf::actor_clock::time_point moved_at_ = {};
  std::uint64_t noted_ = 0; // bytes that the last progress event told of
};

} // namespace pawl
