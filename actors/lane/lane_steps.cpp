// The steps of a deployment in flight: each begins when act() finds it in a state, also after a
// restart.
#include "actors/lane/deployment_actor.hpp"
#include "actors/runtime/own_thread.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

constexpr std::uint64_t upload_steps = 10; // progress events of one upload

error worker_died(const caf::error& why) {
  if (auto refused = refusal_in(why))
    return *refused;
  return {errc::internal,
          fmt::format("the worker of this step ended without an answer ({}); deploy again",
                      caf::to_string(why)),
          {}};
}

error workers_died(std::uint32_t count, const caf::error& why) {
  return {
      errc::internal,
      fmt::format("the worker of this step died {} times in a row ({}). This is a bug of pawld: "
                  "report it, with the server's log. To try again, deploy again",
                  count, caf::to_string(why)),
      {}};
}

} // namespace

// Gives a worker its one order; its answer, or its death, becomes a decision, and the worker ends.
// The answer is void if the deployment has moved on since.
template <class Worker, class Order, class Answer>
void deployment_actor_state::order(const Worker& worker, duration patience, Order what,
                                   std::function<void(result<Answer>&)> then) {
  working = true;
  auto report = [this, at = here(), tried = *in_flight, worker,
                 then = std::move(then)](result<Answer> answer) {
    self->send_exit(worker, caf::exit_reason::user_shutdown);
    decide([this, at, tried, then, answer = std::move(answer)]() mutable {
      if (!still(at))
        return clean_up_late(tried);
      working = false;
      then(answer);
    });
  };
  self->request(worker, patience, std::move(what))
      .then([report](result<Answer>& answer) { report(std::move(answer)); },
            [this, at = here(), tried = *in_flight, worker](const caf::error& why) {
              self->send_exit(worker, caf::exit_reason::user_shutdown);
              lose_worker(at, tried, why);
            });
}

// The step is done again by another worker, unless that is forbidden, or of no use: one that is
// silent may still be at work, a release command never runs twice, and for one that had no thread
// there is none for the next.
void deployment_actor_state::lose_worker(const stay& at, const deployment& tried,
                                         const caf::error& why) {
  decide([this, at, tried, why] {
    if (!still(at))
      return clean_up_late(tried);
    working = false;
    activator = activation_worker_actor{};
    if (refusal_in(why) || why == caf::sec::request_timeout || in_flight->state == state::releasing)
      return fail_with(worker_died(why));
    if (!still(deaths.in))
      deaths = {at, 0};
    if (++deaths.count >= limits::worker_deaths_max)
      return fail_with(workers_died(deaths.count, why));
    self->delayed_send(self, limits::restart_backoff_first * deaths.count, try_again{[this, at] {
                         if (still(at))
                           act();
                       }});
  });
}

// Linked: without it, the upload could not go on before its timeout.
result<source_worker_actor> deployment_actor_state::new_source_worker() {
  auto made = parts.make_source_worker(deployment_actor{self});
  if (made)
    self->link_to(*made);
  return made;
}

result<source_worker_actor> deployment_actor_state::upload_worker(const std::string& id) {
  if (auto known = uploads.find(id); known != uploads.end() && known->second.worker)
    return known->second.worker;
  auto made = new_source_worker();
  if (!made)
    return made;
  auto& work = uploads[id];
  if (!work.place)
    work.place = parts.upload_places->take_anyway();
  return work.worker = std::move(*made);
}

void deployment_actor_state::end_upload(const std::string& id) {
  auto work = uploads.find(id);
  if (work == uploads.end())
    return;
  self->send_exit(work->second.worker, caf::exit_reason::user_shutdown);
  uploads.erase(work);
}

// The worker forgets it: a call that it has still to make would bring back what another removes.
void deployment_actor_state::discard_upload(const std::string& id, std::function<void()> then) {
  auto work = uploads.extract(id);
  if (!work || !work.mapped().worker)
    return then();
  ++errands;
  auto ended = [this, worker = work.mapped().worker, then = std::move(then)] {
    self->send_exit(worker, caf::exit_reason::user_shutdown);
    --errands;
    then();
  };
  self->request(work.mapped().worker, limits::stop_timeout_max, discard_work{id})
      .then([ended](const done&) { ended(); }, [ended](const caf::error&) { ended(); });
}

void deployment_actor_state::receive_source() {
  stop = {};
  verifying = false;
  upload_noted = 0;
  upload_moved_at = self->clock().now();
  fail_if_stalled_after(parts.upload_timeout);
  look_for_source([](std::uint64_t) {});
}

// Goes on if the source is all there, else calls `otherwise` with the offset that was reached.
void deployment_actor_state::look_for_source(std::function<void(std::uint64_t)> otherwise) {
  auto worker = upload_worker(in_flight->id);
  if (!worker)
    return fail_with(std::move(worker).error());
  self->request(*worker, limits::request_timeout,
                open_upload{in_flight->id, lane.app, *in_flight->internals.promised})
      .then(
          [this, at = here(), otherwise](result<std::uint64_t>& offset) {
            decide([this, at, otherwise, offset = std::move(offset)] {
              if (!still(at) || verifying)
                return;
              if (!offset)
                fail_with(offset.error());
              else if (*offset == in_flight->internals.promised->bytes)
                note_upload({at.deployment, *offset});
              else
                otherwise(*offset);
            });
          },
          [this, at = here()](const caf::error& why) {
            decide([this, at, why] {
              if (still(at))
                fail_with(worker_died(why));
            });
          });
}

void deployment_actor_state::note_upload(const upload_moved& what) {
  if (!in_flight || in_flight->id != what.deployment || in_flight->state != state::preparing)
    return note_early_upload(what);
  if (held)
    return;
  upload_moved_at = self->clock().now();
  auto promised = in_flight->internals.promised->bytes;
  bool complete = what.offset == promised;
  if (complete || what.offset - upload_noted >= promised / upload_steps + limits::chunk_bytes) {
    upload_noted = what.offset;
    note({what.deployment, progress_event{"upload", what.offset, promised, "bytes"}});
  }
  if (complete)
    verify_source();
}

// Of a deployment that waits for its turn: when all of its source is there, it needs neither a
// worker nor a place until then.
void deployment_actor_state::note_early_upload(const upload_moved& what) {
  auto waits = std::find_if(queue.begin(), queue.end(),
                            [&](const deployment& one) { return one.id == what.deployment; });
  if (waits != queue.end() && what.offset == waits->internals.promised->bytes)
    end_upload(what.deployment);
}

void deployment_actor_state::fail_if_stalled_after(duration wait) {
  wait_for(moment::purpose::upload_check, here(), wait);
}

// If something has arrived since, it looks again when upload_timeout has passed since that.
void deployment_actor_state::fail_if_stalled(const stay& of) {
  if (!still(of) || verifying)
    return;
  auto quiet = self->clock().now() - upload_moved_at;
  if (quiet < parts.upload_timeout)
    return fail_if_stalled_after(std::chrono::ceil<duration>(parts.upload_timeout - quiet));
  // The last of it may have come when this actor's predecessor had died: nobody told this one.
  look_for_source([this](std::uint64_t) {
    auto waited = std::chrono::duration_cast<std::chrono::seconds>(parts.upload_timeout);
    fail_with({errc::timed_out,
               fmt::format("the source did not arrive: nothing came for {} s. Deploy again",
                           waited.count()),
               {}});
  });
}

void deployment_actor_state::verify_source() {
  if (verifying)
    return;
  auto worker = upload_worker(in_flight->id);
  if (!worker)
    return fail_with(std::move(worker).error());
  verifying = true;
  order<source_worker_actor, verify_upload, verified_source>(
      *worker, limits::preparing_deadline,
      verify_upload{in_flight->id, lane.app, in_flight->internals.promised->digest},
      [this](result<verified_source>& source) {
        if (!source)
          return fail_with(std::move(source).error());
        auto next = advance(*in_flight, state::building, parts.now(), "pawl");
        if (next) {
          next->source = source->facts;
          next->internals.settings = source->settings;
        }
        move(std::move(next), [this](receipt&) {
          end_upload(in_flight->id);
          act();
        });
      });
}

build_job deployment_actor_state::job() const {
  return {in_flight->id, lane.app, parts.sources->path(lane.app, in_flight->source->digest),
          *in_flight->internals.settings};
}

std::vector<instance_spec> deployment_actor_state::specs(const deployment& d) const {
  std::vector<instance_spec> all;
  if (!d.version || !d.internals.settings || !d.internals.artifact)
    return all;
  for (std::uint32_t i = 1; i <= d.internals.settings->run.instances; ++i)
    all.push_back({instance_name(d.id, i), d.id, lane, *d.version, *d.internals.artifact,
                   *d.internals.settings, parts.cluster.memory_bytes, parts.cluster.cpus});
  return all;
}

void deployment_actor_state::build() {
  stop = {};
  order<build_worker_actor, build_order, done>(
      parts.make_build_worker(), limits::build_timeout_max + limits::build_wait,
      build_order{job(), stop.get_token()}, [this](result<done>& built) {
        if (!built)
          return fail_with(std::move(built).error());
        move(advance(*in_flight, state::pushing, parts.now(), "pawl"), [this](receipt&) { act(); });
      });
}

void deployment_actor_state::push() {
  if (in_flight->version) // by a server that gave it before it left `pushing`
    return leave_pushing({});
  stop = {};
  order<build_worker_actor, push_order, artifact>(
      parts.make_build_worker(), limits::build_timeout_max, push_order{job(), stop.get_token()},
      [this](result<artifact>& made) {
        if (!made)
          return fail_with(std::move(made).error());
        leave_pushing(version_of(*made));
      });
}

// Its number is the store's to give.
version_record deployment_actor_state::version_of(const artifact& made) const {
  version_record version;
  version.app = lane.app;
  version.artifact = made.digest;
  version.deployment = in_flight->id;
  version.cluster = lane.cluster;
  version.engine = parts.cluster.engine;
  version.created_at = parts.now();
  version.settings = *in_flight->internals.settings;
  return version;
}

void deployment_actor_state::leave_pushing(std::optional<version_record> version) {
  bool releases = !in_flight->internals.settings->release.command.empty();
  auto moved = *in_flight;
  if (version)
    moved.internals.artifact = version->artifact;
  auto advanced =
      advance(std::move(moved), releases ? state::releasing : state::activating, parts.now(),
              "pawl", version ? version_from::store : version_from::record);
  auto then = [this, releases](receipt&) {
    release_may_run = releases;
    act();
  };
  move(std::move(advanced), then, std::move(version));
}

void deployment_actor_state::run_release() {
  if (!std::exchange(release_may_run, false))
    return fail_with(
        {errc::release_failed,
         "the server was restarted while the release command ran. It cannot be known how it ended, "
         "and it is never run twice: look at what it changed, then deploy again",
         {}});
  stop = {};
  order<build_worker_actor, release_order, done>(
      parts.make_build_worker(), limits::build_timeout_max,
      release_order{specs(*in_flight).front(), stop.get_token()}, [this](result<done>& ran) {
        if (!ran)
          return fail_with(std::move(ran).error());
        move(advance(*in_flight, state::activating, parts.now(), "pawl"),
             [this](receipt&) { act(); });
      });
}

// A switch that was not confirmed may have happened all the same: the old route is put back.
void deployment_actor_state::fail_with(error why) {
  stop.request_stop();
  working = false;
  bool may_have_switched = switches.too_late_to_cancel(in_flight->id);
  switches.record(in_flight->id, routing_event::given_up);
  if (may_have_switched && active)
    restore_route();
  if (activator) {
    self->send_exit(activator, caf::exit_reason::user_shutdown);
    activator = activation_worker_actor{};
  }
  move(fail(*in_flight, why, parts.now()),
       [this](receipt& stored) { clean_up(stored.deployments.front()); });
}

} // namespace pawl
