#include "actors/lane/intake.hpp"

#include "actors/lane/refusals.hpp"
#include "actors/lane/worker_errors.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

constexpr std::uint64_t upload_steps = 10; // progress events of one upload

} // namespace

// Linked: without it, the upload could not go on before its timeout.
result<source_worker_actor> intake::new_worker() const {
  auto made = lane_.with.make_source_worker(lane_reports_actor{lane_.self});
  if (made)
    lane_.self->link_to(*made);
  return made;
}

void intake::begin(const deployment& d, upload with) {
  with.moved_at = lane_.self->clock().now();
  uploads_[d.id] = std::move(with);
  check_in_time(d);
}

// The one in flight is not turned away: it was admitted, and a lane has only one. One that waits
// may have given its place back, and there may be any number of those.
result<source_worker_actor> intake::worker_of(const deployment& d) {
  if (auto known = uploads_.find(d.id); known != uploads_.end()) {
    known->second.moved_at = lane_.self->clock().now();
    return known->second.worker;
  }
  auto& places = *lane_.with.upload_places;
  auto place = d.state == state::queued ? places.take() : places.take_anyway();
  if (!place)
    return no_place_to_go_on(d);
  auto made = new_worker();
  if (made)
    begin(d, {*made, std::move(place)});
  return made;
}

// In flight, receive() sees to it.
void intake::check_in_time(const deployment& d) {
  const state_visit visit{d.id, d.transitions.size()};
  if (d.state == state::queued && !deadlines_.waits_for(deadlines::purpose::upload_check, visit))
    deadlines_.wait_for(deadlines::purpose::upload_check, visit, lane_.with.upload_timeout);
}

result<done> intake::open(const deployment& d, on_offset opened, on_lost lost) {
  auto worker = worker_of(d);
  if (!worker)
    return std::move(worker).error();
  lane_.self
      ->request(*worker, limits::request_timeout,
                open_upload{d.id, lane_.lane.app, *d.internals.promised})
      .then([opened = std::move(opened),
             worker = *worker](result<std::uint64_t>& offset) { opened(worker, offset); },
            [lost = std::move(lost)](const caf::error& why) { lost(why); });
  return done{};
}

void intake::end(const std::string& deployment) {
  auto work = uploads_.find(deployment);
  if (work == uploads_.end())
    return;
  lane_.self->send_exit(work->second.worker, caf::exit_reason::user_shutdown);
  uploads_.erase(work);
}

void intake::discard(const std::string& deployment, std::function<void()> then) {
  auto work = uploads_.extract(deployment);
  if (!work || !work.mapped().worker)
    return then();
  errands_.begin();
  auto ended = [this, worker = work.mapped().worker, then = std::move(then)] {
    lane_.self->send_exit(worker, caf::exit_reason::user_shutdown);
    errands_.end();
    then();
  };
  lane_.self->request(work.mapped().worker, limits::stop_timeout_max, discard_work{deployment})
      .then([ended](const done&) { ended(); }, [ended](const caf::error&) { ended(); });
}

void intake::receive() {
  receiving_ = lane_.facts.visit();
  verifying_ = false;
  noted_ = 0;
  moved_at_ = lane_.self->clock().now();
  fail_if_stalled_after(lane_.with.upload_timeout);
  look_for_source([] {});
}

// Goes on if the source is all there, else calls `otherwise`.
void intake::look_for_source(std::function<void()> otherwise) {
  const auto at = lane_.facts.visit();
  auto asked = open(
      *lane_.facts.in_flight(),
      [this, at, otherwise = std::move(otherwise)](const source_worker_actor&,
                                                   result<std::uint64_t>& offset) {
        lane_.commits.enqueue([this, at, otherwise, offset = std::move(offset)] {
          if (!lane_.facts.still(at) || verifying_)
            return;
          if (!offset)
            lane_.events.fail(offset.error());
          else if (*offset == lane_.facts.in_flight()->internals.promised->bytes)
            note_moved({at.deployment, *offset});
          else
            otherwise();
        });
      },
      [this, at](const caf::error& why) {
        lane_.commits.enqueue([this, at, why] {
          if (lane_.facts.still(at))
            lane_.events.fail(worker_died(why));
        });
      });
  if (!asked)
    lane_.events.fail(std::move(asked).error());
}

void intake::note_moved(const upload_moved& what) {
  const auto& d = lane_.facts.in_flight();
  if (!d || d->id != what.deployment || d->state != state::preparing)
    return note_early(what);
  if (!lane_.facts.still(receiving_)) // it waits for its turn to be resumed
    return;
  moved_at_ = lane_.self->clock().now();
  auto promised = d->internals.promised->bytes;
  bool complete = what.offset == promised;
  if (complete || what.offset - noted_ >= promised / upload_steps + limits::chunk_bytes) {
    noted_ = what.offset;
    lane_.commits.note(what.deployment, progress_event{"upload", what.offset, promised, "bytes"});
  }
  if (complete)
    lane_.events.source_is_complete();
}

void intake::note_early(const upload_moved& what) {
  const auto* waits = lane_.facts.queued(what.deployment);
  auto found = uploads_.find(what.deployment);
  if (waits == nullptr || found == uploads_.end())
    return;
  found->second.moved_at = lane_.self->clock().now();
  if (what.offset == waits->internals.promised->bytes)
    end(what.deployment);
}

void intake::check(const state_visit& visit) {
  if (lane_.facts.still(visit))
    fail_if_stalled(visit);
  else if (lane_.facts.is_current(visit))
    give_back_if_silent(visit);
}

duration intake::silence_of(caf::actor_clock::time_point since) const {
  return std::chrono::floor<duration>(lane_.self->clock().now() - since);
}

void intake::give_back_if_silent(const state_visit& visit) {
  auto found = uploads_.find(visit.deployment);
  if (found == uploads_.end())
    return;
  const auto patience = lane_.with.upload_timeout;
  const auto quiet = silence_of(found->second.moved_at);
  if (quiet >= patience)
    close(visit.deployment);
  deadlines_.wait_for(deadlines::purpose::upload_check, visit,
                      quiet < patience ? patience - quiet : patience);
}

// The same worker takes what comes meanwhile, in its order: a part is refused after this, and the
// upload opened again if its client asks where it goes on.
void intake::close(const std::string& deployment) {
  const auto worker = uploads_.at(deployment).worker;
  auto closed = [this, deployment, worker] {
    auto found = uploads_.find(deployment);
    if (found != uploads_.end() && found->second.worker == worker &&
        silence_of(found->second.moved_at) >= lane_.with.upload_timeout)
      end(deployment);
  };
  lane_.self->request(worker, limits::request_timeout, close_upload{deployment})
      .then([closed](const done&) { closed(); }, [closed](const caf::error&) { closed(); });
}

void intake::fail_if_stalled_after(duration wait) {
  deadlines_.wait_for(deadlines::purpose::upload_check, lane_.facts.visit(), wait);
}

// If something has arrived since, it looks again when upload_timeout has passed since that.
void intake::fail_if_stalled(const state_visit& visit) {
  if (!lane_.facts.still(visit) || verifying_)
    return;
  const auto patience = lane_.with.upload_timeout;
  auto quiet = silence_of(moved_at_);
  if (quiet < patience)
    return fail_if_stalled_after(patience - quiet);
  // The last of it may have come when this actor's predecessor had died: nobody told this one.
  look_for_source([this, patience] {
    auto waited = std::chrono::duration_cast<std::chrono::seconds>(patience);
    lane_.events.fail({errc::timed_out,
                       fmt::format("the source did not arrive: nothing came for {} s. Deploy again",
                                   waited.count()),
                       {}});
  });
}

std::optional<result<source_worker_actor>> intake::begin_verifying() {
  if (verifying_)
    return std::nullopt;
  auto worker = worker_of(*lane_.facts.in_flight());
  verifying_ = worker.has_value();
  return worker;
}

} // namespace pawl
