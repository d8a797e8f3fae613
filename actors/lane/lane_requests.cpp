// What clients ask of a lane: deployments, rollbacks, promotions, a look at it.
#include "actors/lane/deployment_actor.hpp"

#include "lifecycle/deadlines.hpp"
#include "lifecycle/rollback.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pawl {

namespace {

error busy(const deployment& d) {
  auto since =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::floor<std::chrono::seconds>(d.created_at));
  return {
      errc::in_flight,
      fmt::format("deployment {} of {} to {} is {}, started by {} at {}. Wait for it (pawl attach "
                  "{}), stop it (pawl cancel {}), or deploy with --queue or --supersede",
                  d.id, d.app, d.cluster, to_string(d.state), d.by, since, d.id, d.id),
      {{"deployment", d.id},
       {"by", d.by},
       {"since", since},
       {"state", std::string{to_string(d.state)}}}};
}

error never_live(const lane_key& lane, std::string_view what) {
  return {errc::not_found,
          fmt::format("{} was never live as {} in {}; pawl versions -a {} shows what there is, and "
                      "pawl promote releases what another cluster built",
                      what, lane.app, lane.cluster, lane.app),
          {}};
}

error live_already(const lane_key& lane, version_number version) {
  return {errc::invalid_argument,
          fmt::format("{} is live as {} in {} already: nothing was changed", to_string(version),
                      lane.app, lane.cluster),
          {}};
}

error other_engine(const version_record& version, const cluster_settings& cluster) {
  return {errc::invalid_argument,
          fmt::format("{} of {} was built for the {} engine, and cluster {} has the {} engine: "
                      "deploy its source there instead",
                      to_string(version.number), version.app, version.engine, cluster.name,
                      cluster.engine),
          {}};
}

failure taken_over_by(const deployment& newcomer, state in) {
  return {errc::superseded,
          fmt::format("deployment {} took its place", newcomer.id),
          {{"deployment", newcomer.id}},
          in};
}

} // namespace

void deployment_actor_state::start_deployment(const start_deploy& what, reply<admitted> answer) {
  const auto& request = what.request;
  auto known = parts.records->by_request(request.request_id);
  if (!known)
    return answer(std::move(known).error());
  if (*known)
    return answer_known(**known, std::move(answer));
  if (request.source.bytes > parts.upload_bytes_max)
    return answer(error{
        errc::too_large,
        fmt::format("the source has {} bytes; this server takes at most {} ([limits] "
                    "upload_bytes of its configuration). Leave out what the build does not need "
                    "with a .pawlignore",
                    request.source.bytes, parts.upload_bytes_max),
        {}});
  auto place = parts.upload_places->take();
  if (!place)
    return answer(error{errc::resource_exhausted,
                        fmt::format("{} uploads to this server are under way, which is the most; "
                                    "deploy again when one of them has ended",
                                    limits::uploads_at_once),
                        {}});
  deployment draft;
  draft.operation = operation::deploy;
  draft.git = request.git;
  draft.message = request.message;
  draft.request_id = request.request_id;
  draft.by = what.by;
  draft.internals.promised = request.source;
  admit_draft(std::move(draft), request.when_busy, std::move(place), std::move(answer));
}

void deployment_actor_state::start_earlier_version(const start_release& what,
                                                   reply<admitted> answer) {
  auto known = parts.records->by_request(what.request_id);
  if (!known)
    return answer(std::move(known).error());
  if (*known)
    return answer_known(**known, std::move(answer));
  auto number = what.version;
  if (what.op == operation::rollback) {
    auto target = number ? version_live_here(*number) : version_before();
    if (!target)
      return answer(std::move(target).error());
    number = target->version;
  }
  auto draft = draft_of(what.op, *number);
  if (!draft)
    return answer(std::move(draft).error());
  draft->message = what.message;
  draft->request_id = what.request_id;
  draft->by = what.by;
  admit_draft(std::move(*draft), what.when_busy, {}, std::move(answer));
}

// A deployment of a version that exists.
result<deployment> deployment_actor_state::draft_of(operation op, version_number version) const {
  if (active && active->version == version)
    return live_already(lane, version);
  auto released = parts.records->version(lane.app, version);
  if (!released)
    return std::move(released).error();
  if (released->engine != parts.cluster.engine)
    return other_engine(*released, parts.cluster);
  deployment draft;
  draft.operation = op;
  draft.version = released->number;
  draft.internals.settings = released->settings;
  draft.internals.artifact = released->artifact;
  if (auto built = parts.records->find(released->deployment)) {
    draft.source = built->source;
    draft.git = built->git;
  }
  return draft;
}

void deployment_actor_state::admit_draft(deployment draft, std::optional<when_busy> override_policy,
                                         upload_slots::place place, reply<admitted> answer) {
  if (auto why = undecided_switch())
    return answer(*std::move(why));
  auto verdict =
      admit(in_flight.has_value(), queue.size(), override_policy.value_or(parts.cluster.when_busy));
  if (verdict == admission::refuse)
    return answer(busy(in_flight ? *in_flight : queue.front()));
  if (verdict == admission::wait_in_turn && queue.size() >= parts.queued_max)
    return answer(error{
        errc::resource_exhausted,
        fmt::format("{} deployments wait for {} in {} already; cancel some, or use --supersede",
                    queue.size(), lane.app, lane.cluster),
        {}});
  auto first = verdict == admission::start_now ? first_step(draft.operation) : state::queued;
  auto wanted = change_of_new(std::move(draft), first);
  if (!wanted)
    return answer(std::move(wanted).error());
  auto begun = wanted->deployments.front();
  bool takes_over = verdict == admission::take_over;
  if (takes_over)
    take_over(*wanted, begun);
  open_upload_work upload{{}, std::move(place)};
  if (begun.operation == operation::deploy) {
    // Before the deployment is stored: what nobody could receive is refused, and not begun.
    auto worker = new_source_worker();
    if (!worker)
      return answer(std::move(worker).error());
    upload.worker = std::move(*worker);
  }
  commit(
      std::move(*wanted),
      [this, takes_over, upload, answer](receipt& stored) {
        admit_stored(stored, takes_over, upload, answer);
      },
      [this, answer, worker = upload.worker, request_id = begun.request_id](error why) {
        self->send_exit(worker, caf::exit_reason::user_shutdown);
        // The same request may have come to another lane meanwhile.
        auto known = parts.records->by_request(request_id);
        if (!request_id.empty() && known && *known)
          answer_known(**known, answer);
        else
          answer(std::move(why));
      });
}

// The record of a draft, with its first event, and the lane's last time.
result<change> deployment_actor_state::change_of_new(deployment draft, state first) const {
  draft.id = parts.new_id();
  draft.app = lane.app;
  draft.cluster = lane.cluster;
  auto created = next_created(record, parts.now());
  auto begun = begin(std::move(draft), first, created);
  if (!begun)
    return std::move(begun).error();
  change wanted;
  wanted.journal.push_back({begun->id, {{0, created, state_event{first, {}}}}});
  wanted.deployments.push_back(std::move(*begun));
  wanted.lane = record;
  wanted.lane->last_created = created;
  return wanted;
}

// The newcomer comes first in the receipt; one in flight that it cancels comes last.
void deployment_actor_state::admit_stored(const receipt& stored, bool takes_over,
                                          open_upload_work upload, const reply<admitted>& answer) {
  record = *stored.lane;
  const auto& newcomer = stored.deployments.front();
  if (upload.worker)
    uploads[newcomer.id] = std::move(upload);
  const auto& last = stored.deployments.back();
  bool cancels = takes_over && in_flight && last.id == in_flight->id;
  if (takes_over)
    for (const auto& gone : std::exchange(queue, {}))
      clean_up(gone);
  if (newcomer.state == state::queued) {
    queue.push_back(newcomer);
    arm_deadline(newcomer);
  } else {
    in_flight = newcomer;
  }
  if (cancels)
    in_flight = last;
  answer_admitted(newcomer, answer);
  if (cancels || newcomer.state != state::queued)
    act();
}

// What waits has its end, and what is in flight its cancel, in the same transaction that accepts
// the newcomer. Once the switch has begun, the newcomer waits for its end.
void deployment_actor_state::take_over(change& wanted, const deployment& newcomer) const {
  for (const auto& one : queue) {
    auto ended = advance(one, state::superseded, newcomer.created_at, newcomer.by);
    if (!ended)
      continue;
    ended->error = taken_over_by(newcomer, one.state);
    wanted.journal.push_back(
        {ended->id, {{0, newcomer.created_at, state_event{ended->state, ended->error}}}});
    wanted.deployments.push_back(std::move(*ended));
  }
  if (!in_flight || switches.too_late_to_cancel(in_flight->id) ||
      in_flight->state == state::cancelling)
    return;
  auto stopping = advance(*in_flight, state::cancelling, newcomer.created_at, newcomer.by);
  if (!stopping)
    return;
  stopping->internals.outcome = taken_over_by(newcomer, in_flight->state);
  wanted.journal.push_back(
      {stopping->id, {{0, newcomer.created_at, state_event{stopping->state, {}}}}});
  wanted.deployments.push_back(std::move(*stopping));
}

void deployment_actor_state::answer_known(const std::string& id, reply<admitted> answer) {
  auto known = parts.records->find(id);
  if (!known)
    return answer(std::move(known).error());
  if (lane_of(*known) != lane)
    return answer(error{errc::invalid_argument,
                        fmt::format("this request id was used for deployment {} of {} to {}",
                                    known->id, known->app, known->cluster),
                        {{"deployment", known->id}}});
  answer_admitted(*known, std::move(answer));
}

void deployment_actor_state::answer_admitted(const deployment& d, reply<admitted> answer) {
  bool awaits_source =
      d.operation == operation::deploy && (d.state == state::queued || d.state == state::preparing);
  if (!awaits_source) {
    auto bytes = d.internals.promised ? d.internals.promised->bytes : 0;
    return answer(admitted{d, bytes, source_worker_actor{}});
  }
  auto worker = upload_worker(d.id);
  if (!worker)
    return answer(std::move(worker).error());
  self->request(*worker, limits::request_timeout,
                open_upload{d.id, lane.app, *d.internals.promised})
      .then(
          [this, answer, d, worker = *worker](result<std::uint64_t>& offset) mutable {
            if (!offset) {
              // Its client leaves with this answer, and nobody else has the source. One in flight
              // finds out by itself.
              decide([this, id = d.id, why = offset.error()] { fail_queued(id, why); });
              return answer(std::move(offset).error());
            }
            auto bytes = d.internals.promised->bytes;
            bool complete = *offset == bytes;
            if (complete)
              note_early_upload({d.id, bytes});
            answer(admitted{d, *offset, complete ? source_worker_actor{} : worker, bytes});
          },
          [answer](const caf::error&) mutable {
            answer(error{errc::unavailable, "the upload could not be opened; try again", {}});
          });
}

result<deployment> deployment_actor_state::version_before() const {
  if (!active)
    return error{errc::not_found,
                 fmt::format("nothing is live as {} in {} yet, so there is nothing to roll back",
                             lane.app, lane.cluster),
                 {}};
  rollback_search search{*active};
  auto older = active->replaces;
  for (std::size_t i = 0; older && i < limits::rollback_search; ++i) {
    auto found = parts.records->find(*older);
    if (!found || search.is_target(*found))
      return found;
    older = found->replaces;
  }
  return error{errc::not_found,
               fmt::format("{} in {} has no earlier version to go back to that was not rolled back "
                           "itself; name one: pawl rollback VERSION",
                           lane.app, lane.cluster),
               {}};
}

result<deployment> deployment_actor_state::version_live_here(version_number version) const {
  if (active && active->version == version)
    return live_already(lane, version);
  auto older = active ? active->replaces : std::nullopt;
  for (std::size_t i = 0; older && i < limits::rollback_search; ++i) {
    auto found = parts.records->find(*older);
    if (!found || found->version == version)
      return found;
    older = found->replaces;
  }
  return never_live(lane, to_string(version));
}

result<protocol::planned> deployment_actor_state::plan(const plan_rollback& what) const {
  auto target = what.version ? version_live_here(*what.version) : version_before();
  if (!target)
    return std::move(target).error();
  return protocol::planned{lane.app, lane.cluster, active->version, *target->version, target->id};
}

protocol::lane_view deployment_actor_state::describe() const {
  protocol::lane_view view{lane.app, lane.cluster, active, {}, in_flight, {}, {}};
  view.queued.assign(queue.begin(), queue.end());
  if (in_flight)
    view.deadline = deadline_at(*in_flight);
  for (const auto& one : serving)
    view.instances.push_back(view_of(one, self->clock().now()));
  return view;
}

} // namespace pawl
