#include "actors/lane/requests.hpp"

#include "actors/lane/refusals.hpp"
#include "actors/runtime/own_thread.hpp"
#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

failure taken_over_by(const deployment& newcomer, state in) {
  return make_failure({errc::superseded,
                       fmt::format("deployment {} took its place", newcomer.id),
                       {{"deployment", newcomer.id}}},
                      in);
}

// The revision names the deployment that applies it, and is stored with it.
void add_configuration(change& wanted, change part) {
  wanted.lane->configs = part.lane->configs;
  wanted.configuration = std::move(part.configuration);
  wanted.configuration->deployment = wanted.deployments.front().id;
  wanted.dropped_configurations = std::move(part.dropped_configurations);
}

} // namespace

void requests::start_deployment(const start_deploy& what, const reply<admitted>& answer) {
  const auto& request = what.request;
  auto known = lane_.with.records->by_request(request.request_id);
  if (!known)
    return answer(std::move(known).error());
  if (*known)
    return answer_known(
        **known, {lane_.lane, operation::deploy, request.source, {}, request.contents}, answer);
  if (request.source.bytes > lane_.with.upload_bytes_max)
    return answer(source_too_large(request.source.bytes, lane_.with.upload_bytes_max));
  auto place = lane_.with.upload_places->take();
  if (!place)
    return answer(too_many_uploads());
  candidate asked;
  auto& draft = asked.draft;
  draft.operation = operation::deploy;
  draft.git = request.git;
  draft.message = request.message;
  draft.request_id = request.request_id;
  draft.by = what.by;
  draft.internals.promised = request.source;
  draft.internals.contents = request.contents;
  asked.override_policy = request.when_busy;
  asked.place = std::move(place);
  if (what.audit)
    asked.audit.push_back(*what.audit);
  note_override(asked, request.override_freeze);
  admit(std::move(asked), answer);
}

void requests::start_release(const pawl::start_release& what, const reply<admitted>& answer) {
  auto known = lane_.with.records->by_request(what.request_id);
  if (!known)
    return answer(std::move(known).error());
  if (*known)
    return answer_known(**known, {lane_.lane, what.op, {}, what.version, {}}, answer);
  auto draft = draft_of(what);
  if (!draft)
    return answer(std::move(draft).error());
  draft->message = what.message;
  draft->request_id = what.request_id;
  draft->by = what.by;
  candidate asked{std::move(*draft), what.when_busy, {}, {}};
  if (what.audit)
    asked.audit.push_back(*what.audit);
  note_override(asked, what.override_freeze);
  admit(std::move(asked), answer);
}

result<void> requests::take_current_config(deployment& draft) const {
  auto holds = configs_.current();
  if (!holds)
    return std::move(holds).error();
  draft.config = *holds ? std::optional{(*holds)->number} : std::nullopt;
  return {};
}

// The active version begins again, and so takes the variables that were staged.
result<deployment> requests::draft_of_restart() const {
  const auto& active = lane_.facts.active();
  if (!active)
    return nothing_active(lane_.lane);
  auto draft = versions_.draft_of(operation::configure, *active->version);
  if (!draft)
    return draft;
  if (auto taken = take_current_config(*draft); !taken)
    return std::move(taken).error();
  return draft;
}

// A rollback restores the configuration with which its version ran last in the lane.
result<deployment> requests::draft_of(const pawl::start_release& what) const {
  if (what.op == operation::configure)
    return draft_of_restart();
  if (what.op != operation::rollback)
    return versions_.draft_of(what.op, *what.version);
  auto target = versions_.rollback_target(what.version);
  if (!target)
    return target;
  auto draft = versions_.draft_of(what.op, *target->version);
  if (!draft)
    return draft;
  draft->config = target->config;
  if (what.keep_config)
    if (auto taken = take_current_config(*draft); !taken)
      return std::move(taken).error();
  return draft;
}

// The audit journal is told of it beside the request itself, with its reason.
void requests::note_override(candidate& asked, const std::optional<std::string>& why) const {
  if (!why)
    return;
  asked.draft.internals.despite_freeze = true;
  if (asked.audit.empty())
    return;
  auto told = asked.audit.front();
  told.action = info(permission::override_freeze).name;
  told.detail = *why;
  asked.audit.push_back(std::move(told));
}

void requests::admit(candidate asked, const reply<admitted>& answer) {
  if (auto frozen = steps_.freeze_of(asked.draft))
    return answer(refusal_of(lane_.lane, *frozen));
  if (auto undecided = switches_.undecided())
    return answer(switch_undecided(lane_.lane, *undecided));
  const auto& in_flight = lane_.facts.in_flight();
  const auto& queue = lane_.facts.queue();
  auto verdict = pawl::admit(in_flight.has_value(), queue.size(),
                             asked.override_policy.value_or(lane_.with.cluster.when_busy));
  if (verdict == admission::refuse)
    return answer(busy_with(in_flight ? *in_flight : queue.front()));
  if (verdict == admission::wait_in_turn && queue.size() >= lane_.with.queued_max)
    return answer(queue_is_full(lane_.lane, queue.size()));
  if (auto ready = configs_.prepare(asked.draft); !ready)
    return answer(std::move(ready).error());
  auto first = verdict == admission::start_now ? first_step(asked.draft.operation) : state::queued;
  auto wanted = change_of_new(std::move(asked.draft), first);
  if (!wanted)
    return answer(std::move(wanted).error());
  auto begun = wanted->deployments.front();
  if (asked.configuration)
    add_configuration(*wanted, *std::move(asked.configuration));
  for (auto& told : asked.audit)
    wanted->audit.push_back(done_with(std::move(told), begun.id, begun.created_at));
  if (verdict == admission::take_over)
    take_over(*wanted, begun);
  intake::upload upload{{}, std::move(asked.place)};
  if (begun.operation == operation::deploy) {
    // Before the deployment is stored: what nobody could receive is refused, and not begun.
    auto worker = intake_.new_worker();
    if (!worker)
      return answer(std::move(worker).error());
    upload.worker = std::move(*worker);
  }
  lane_.commits.commit(
      std::move(*wanted),
      [this, upload, answer](receipt& stored) { begin(stored, upload, answer); },
      [this, answer, worker = upload.worker, begun](error why) {
        lane_.self->send_exit(worker, caf::exit_reason::user_shutdown);
        // The same request id may have come to another lane meanwhile.
        auto known = lane_.with.records->by_request(begun.request_id);
        if (!begun.request_id.empty() && known && *known)
          answer_known(**known, subject_of(begun), answer);
        else
          answer(std::move(why));
      });
}

void requests::plan(const plan_rollback& what, const reply<protocol::planned>& answer) {
  auto target = versions_.rollback_target(what.version);
  if (!target)
    return answer(std::move(target).error());
  pawl::start_release wanted;
  wanted.version = what.version;
  wanted.keep_config = what.keep_config;
  auto draft = draft_of(wanted);
  if (!draft)
    return answer(std::move(draft).error());
  auto plan = versions_.plan_to(*target);
  if (auto told = tell_config(plan, *draft); !told)
    return answer(std::move(told).error());
  auto asked = drain_.caller();
  auto found = [this, asked, answer, plan](result<bool> there) {
    drain_.dismiss(asked);
    if (!there)
      answer(std::move(there).error());
    else if (!*there)
      answer(artifact_is_gone(plan.app, plan.to));
    else
      lane_.commits.enqueue([this, answer, plan] { check_warm(plan, answer); });
  };
  lane_.self
      ->request(asked, limits::request_timeout,
                find_artifact{lane_.lane.app, *draft->internals.artifact})
      .then([found](bool there) { found(there); },
            [found](const caf::error& why) {
              error silent{errc::unavailable, "the engine did not answer in time; try again", {}};
              found(refusal_in(why).value_or(silent));
            });
}

// The names that differ between what runs and what would run.
result<void> requests::tell_config(protocol::planned& plan, const deployment& draft) const {
  if (auto fits = configs_.check_settings(*draft.internals.settings, draft.config); !fits)
    return fits;
  auto now = configs_.find(lane_.facts.active()->config);
  auto then = configs_.find(draft.config);
  if (!now || !then)
    return now ? std::move(then).error() : std::move(now).error();
  const std::vector<variable> none;
  auto differs = difference(*now ? (*now)->variables : none, *then ? (*then)->variables : none);
  plan.config = draft.config;
  plan.added = std::move(differs.added);
  plan.changed = std::move(differs.changed);
  plan.removed = std::move(differs.removed);
  return {};
}

// A check of warm instances is nearly all that a rollback to them does.
void requests::check_warm(const protocol::planned& plan, const reply<protocol::planned>& answer) {
  checks_.ask(plan.to, plan.config, [plan, answer](const warm_finding& found) {
    auto known = plan;
    if (found.is == old_version::healthy) {
      known.readiness = readiness::warm;
      known.expected_ms = static_cast<std::uint64_t>(
          std::chrono::ceil<std::chrono::milliseconds>(found.took).count());
    }
    answer(std::move(known));
  });
}

// The record of a draft with its first event, the lane's last time, and its host names: a lane that
// cannot have them gets no deployment.
result<change> requests::change_of_new(deployment draft, state first) const {
  draft.id = lane_.with.new_id();
  draft.app = lane_.lane.app;
  draft.cluster = lane_.lane.cluster;
  draft.internals.counts = lane_.facts.record().counts;
  auto created = next_created(lane_.facts.record(), lane_.with.now());
  auto begun = pawl::begin(std::move(draft), first, created);
  if (!begun)
    return std::move(begun).error();
  change wanted;
  wanted.journal.push_back({begun->id, {{0, created, state_event{first, {}}}}});
  wanted.deployments.push_back(std::move(*begun));
  wanted.lane = lane_.facts.record();
  wanted.lane->last_created = created;
  wanted.lane->destroyed_at.reset();
  for (auto& host : lane_.with.hosts(lane_.lane))
    wanted.hosts.push_back({std::move(host), lane_.lane});
  return wanted;
}

// Those that wait have their end, and the one in flight its cancel, in the same transaction that
// accepts the newcomer. Once the switch has begun, the newcomer waits for its end.
void requests::take_over(change& wanted, const deployment& newcomer) const {
  for (const auto& one : lane_.facts.queue()) {
    auto ended = advance(one, state::superseded, newcomer.created_at, newcomer.by);
    if (!ended)
      continue;
    ended->error = taken_over_by(newcomer, one.state);
    wanted.journal.push_back(
        {ended->id, {{0, newcomer.created_at, state_event{ended->state, ended->error}}}});
    wanted.deployments.push_back(std::move(*ended));
  }
  const auto& in_flight = lane_.facts.in_flight();
  if (!in_flight || switches_.too_late_to_cancel(in_flight->id) ||
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

// The newcomer comes first in the receipt, those that it supersedes next, and one in flight that it
// cancels last.
void requests::begin(const receipt& stored, intake::upload upload, const reply<admitted>& answer) {
  const auto& newcomer = stored.deployments.front();
  if (upload.worker)
    intake_.begin(newcomer, std::move(upload));
  for (const auto& one : stored.deployments)
    if (one.state == state::superseded)
      drain_.clean_up(one);
  if (newcomer.state == state::queued)
    deadlines_.arm(newcomer, lane_.with.now());
  answer_admitted(newcomer, answer);
  const auto& last = stored.deployments.back();
  if (newcomer.state != state::queued || last.state == state::cancelling)
    steps_.act();
}

void requests::answer_known(const std::string& id, const request_subject& asked,
                            const reply<admitted>& answer) {
  auto known = lane_.with.records->find(id);
  if (!known)
    return answer(std::move(known).error());
  if (auto part = difference(*known, asked))
    return answer(request_id_taken(*known, asked, *part));
  answer_admitted(*known, answer, asked.source ? asked.source->bytes : 0);
}

// `announced` are the bytes of the client's own copy, of which nothing is to be sent any more if
// the deployment has its source.
void requests::answer_admitted(const deployment& d, const reply<admitted>& answer,
                               std::uint64_t announced) {
  if (!awaits_source(d)) {
    auto bytes = d.internals.promised ? d.internals.promised->bytes : 0;
    return answer(admitted{d, std::max(bytes, announced), source_worker_actor{}});
  }
  auto asked = intake_.open(
      d,
      [this, answer, d](const source_worker_actor& worker, result<std::uint64_t>& offset) {
        if (!offset) {
          // Its client leaves with this answer, and nobody else has the source. One in flight finds
          // out by itself.
          lane_.commits.enqueue(
              [this, id = d.id, why = offset.error()] { steps_.fail_queued(id, why); });
          return answer(std::move(offset).error());
        }
        auto bytes = d.internals.promised->bytes;
        bool complete = *offset == bytes;
        if (complete)
          intake_.note_early({d.id, bytes});
        answer(admitted{d, *offset, complete ? source_worker_actor{} : worker, bytes});
      },
      [answer](const caf::error&) {
        answer(error{errc::unavailable, "the upload could not be opened; try again", {}});
      });
  if (!asked)
    answer(std::move(asked).error());
}

void requests::begin_by_itself(deployment draft, std::string why) {
  auto wanted = change_of_new(std::move(draft), state::activating);
  if (!wanted)
    return;
  auto& said = wanted->journal.front().events.emplace_back();
  said.at = wanted->deployments.front().created_at;
  said.body = warning_event{std::move(why)};
  keep_within_limits(said.body);
  lane_.commits.commit(
      std::move(*wanted), [this](receipt&) { steps_.act(); },
      // The next check that fails tries again, if it still may.
      [](const error&) {});
}

} // namespace pawl
