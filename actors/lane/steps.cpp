#include "actors/lane/steps.hpp"

#include "actors/lane/instance_specs.hpp"
#include "lifecycle/bounded_text.hpp"
#include "lifecycle/engine_fit.hpp"

#include <fmt/format.h>

namespace pawl {

struct steps::row {
  state in;
  void (steps::*begin)();              // gives a worker its order, when there is what it needs
  void (steps::*then)(step_answer&);   // the order succeeded
  void (steps::*otherwise)(error why); // it did not
};

// The path: each state in flight, what is done in it, and what follows. A cancel may leave it in
// every state (cancellation.hpp).
const steps::row* steps::row_of(state s) {
  static constexpr auto path = std::to_array<row>({
      {state::preparing, &steps::receive, &steps::start_build, &steps::fail},      // verify_upload
      {state::building, &steps::build, &steps::start_push, &steps::fail},          // build_order
      {state::pushing, &steps::push, &steps::give_version, &steps::fail},          // push_order
      {state::releasing, &steps::release, &steps::start_activation, &steps::fail}, // release_order
      {state::activating, &steps::begin_activation, &steps::switch_traffic,
       &steps::activate_otherwise}, // activation_order
  });
  constexpr auto has_row = [](state wanted) {
    for (const auto& one : path)
      if (one.in == wanted)
        return true;
    return false;
  };
  static_assert(
      [&] {
        for (const auto& one : state_table)
          if (has_row(one.state) != (is_in_flight(one.state) && one.state != state::cancelling))
            return false;
        return true;
      }(),
      "each state in flight has a step, but for the one that ends a cancel");
  for (const auto& one : path)
    if (one.in == s)
      return &one;
  return nullptr;
}

namespace {

build_job job_of(const lane_context& lane) {
  const auto& d = *lane.facts.in_flight();
  return {d.id,
          d.app,
          lane.with.sources->path(d.app, d.source->digest),
          *d.internals.settings,
          d.cluster,
          commit_of(d),
          d.config};
}

// Its number is the store's to give.
version_record version_of(const artifact& made, const lane_context& lane) {
  const auto& d = *lane.facts.in_flight();
  version_record version;
  version.app = d.app;
  version.artifact = made.digest;
  version.deployment = d.id;
  version.cluster = d.cluster;
  version.engine = lane.with.cluster.engine;
  version.created_at = lane.with.now();
  version.settings = *d.internals.settings;
  return version;
}

} // namespace

void steps::act() {
  held_ = false;
  const auto& d = *lane_.facts.in_flight();
  deadlines_.arm(d, lane_.with.now());
  if (d.state == state::cancelling)
    lane_.events.stop_work();
  else if (const auto* step = row_of(d.state))
    (this->*step->begin)();
}

void steps::start_next() {
  const auto& queue = lane_.facts.queue();
  if (lane_.facts.in_flight() || queue.empty())
    return;
  if (auto frozen = freeze_of(queue.front()))
    return fail_queued(queue.front().id, refusal_of(lane_.lane, *frozen));
  auto next = queue.front(); // since it was asked for, others may have changed the variables
  if (auto ready = configs_.prepare(next); !ready)
    return fail_queued(next.id, ready.error());
  const auto first = first_step(next.operation);
  lane_.commits.move(advance(std::move(next), first, lane_.with.now(), "pawl"),
                     [this](receipt&) { act(); });
}

std::optional<lane_freeze> steps::freeze_of(const deployment& d) const {
  if (d.operation == operation::rollback || d.internals.despite_freeze)
    return std::nullopt;
  return lane_.with.freezes->find(lane_.lane, lane_.with.now(), lane_.with.cluster.freeze);
}

void steps::fail_queued(const std::string& id, const error& why) {
  const auto* queued = lane_.facts.queued(id);
  if (queued == nullptr)
    return;
  auto ended = pawl::fail(*queued, why, lane_.with.now());
  change wanted;
  wanted.journal.push_back(
      {ended->id, {{0, lane_.with.now(), state_event{ended->state, ended->error}}}});
  wanted.deployments.push_back(std::move(*ended));
  lane_.commits.commit(std::move(wanted),
                       [this](receipt& stored) { drain_.clean_up(stored.deployments.front()); });
}

void steps::repeat(const repeat_step& what) {
  if (lane_.facts.still(what.visit))
    act();
}

template <class Answer, class Worker, class Order>
void steps::order(const Worker& worker, duration patience, Order what) {
  orders_.give<Answer>(worker, patience, std::move(what), [this](result<Answer>& outcome) {
    const auto* step = row_of(lane_.facts.in_flight()->state);
    if (!outcome)
      return (this->*step->otherwise)(std::move(outcome).error());
    step_answer success{std::move(*outcome)};
    (this->*step->then)(success);
  });
}

// --- preparing

void steps::receive() {
  orders_.renew_stop();
  intake_.receive();
}

void steps::verify() {
  auto worker = intake_.begin_verifying();
  if (!worker)
    return;
  if (!*worker)
    return fail(std::move(*worker).error());
  const auto& d = *lane_.facts.in_flight();
  order<verified_source>(
      **worker, limits::preparing_deadline,
      verify_upload{d.id, d.app, d.internals.promised->digest, lane_.with.cluster.engine});
}

void steps::start_build(step_answer& source) {
  auto& verified = std::get<verified_source>(source);
  if (auto fits = check_fits_engine(verified.settings, lane_.with.cluster); !fits)
    return fail(std::move(fits).error());
  if (auto fits = check_fits_limits(verified.settings, lane_.with.cluster); !fits)
    return fail(std::move(fits).error());
  if (auto known = configs_.check_settings(verified.settings, lane_.facts.in_flight()->config);
      !known)
    return fail(std::move(known).error());
  settle_web(verified.settings, lane_.with.cluster);
  auto next = advance(*lane_.facts.in_flight(), state::building, lane_.with.now(), "pawl");
  if (next) {
    next->source = verified.facts;
    next->internals.settings = verified.settings;
  }
  for (const auto& note : verified.notes)
    lane_.commits.note(lane_.facts.in_flight()->id, log_event{"detect", "stdout", note});
  lane_.commits.move(std::move(next), [this](receipt& stored) {
    intake_.end(stored.deployments.front().id);
    act();
  });
}

// --- building

void steps::build() {
  orders_.renew_stop();
  order<done>(lane_.with.make_build_worker(), limits::build_timeout_max + limits::build_wait,
              build_order{job_of(lane_), orders_.token()});
}

void steps::start_push(step_answer&) {
  lane_.commits.move(advance(*lane_.facts.in_flight(), state::pushing, lane_.with.now(), "pawl"),
                     [this](receipt&) { act(); });
}

// --- pushing

void steps::push() {
  if (lane_.facts.in_flight()->version) // by a server that gave it before it left `pushing`
    return leave_pushing({});
  orders_.renew_stop();
  order<artifact>(lane_.with.make_build_worker(), limits::build_timeout_max,
                  push_order{job_of(lane_), orders_.token()});
}

void steps::give_version(step_answer& made) {
  leave_pushing(version_of(std::get<artifact>(made), lane_));
}

void steps::leave_pushing(std::optional<version_record> version) {
  auto moved = *lane_.facts.in_flight();
  bool releases = !moved.internals.settings->release.command.empty();
  if (version)
    moved.internals.artifact = version->artifact;
  auto advanced =
      advance(std::move(moved), releases ? state::releasing : state::activating, lane_.with.now(),
              "pawl", version ? version_from::store : version_from::record);
  auto then = [this, releases](receipt&) {
    release_may_run_ = releases;
    act();
  };
  lane_.commits.move(std::move(advanced), then, std::move(version));
}

// --- releasing

void steps::release() {
  if (!std::exchange(release_may_run_, false))
    return fail(
        {errc::release_failed,
         "the server was restarted while the release command ran. It cannot be known how it ended, "
         "and it is never run twice: look at what it changed, then deploy again",
         {}});
  orders_.renew_stop();
  order<done>(lane_.with.make_build_worker(), limits::build_timeout_max,
              release_order{release_spec_of(*lane_.facts.in_flight(), lane_.with.cluster),
                            orders_.token()});
}

void steps::start_activation(step_answer&) {
  lane_.commits.move(advance(*lane_.facts.in_flight(), state::activating, lane_.with.now(), "pawl"),
                     [this](receipt&) { act(); });
}

// --- activating

void steps::begin_activation() {
  orders_.renew_stop();
  activate();
}

void steps::activate() {
  const auto& d = lane_.facts.in_flight();
  if (!d || d->state != state::activating || orders_.is_under_way() || held_ ||
      !switches_.may_begin_activation() || !replacing_.may_start())
    return;
  auto worker = lane_.with.make_activation_worker(lane_reports_actor{lane_.self});
  orders_.stop_by_exit(worker);
  const auto hosts = lane_.with.hosts(lane_.lane);
  const auto* warm = replaced_.claim(*d);
  auto wanted = warm != nullptr ? takeover_of(*warm, d->id, lane_.with.cluster, hosts)
                                : activation_of(*d, lane_.with.cluster, hosts);
  const auto patience = patience_for(wanted);
  order<std::vector<instance>>(worker, patience, std::move(wanted));
}

// Warm instances are a short cut: without them it starts its own. And they are given up, those of
// all lanes, where there is no room for a start.
void steps::activate_otherwise(error why) {
  const auto& d = *lane_.facts.in_flight();
  if (replaced_.reject(d.id)) {
    lane_.commits.note(
        d.id,
        warning_event{shortened(
            fmt::format(
                "the warm instances of {} did not pass their check ({}): new ones are started",
                to_string(*d.version), why.message),
            limits::log_line_bytes)});
    return activate();
  }
  const bool has_yielded =
      why.code == errc::resource_exhausted && lane_.with.warm->clear(lane_.with.cluster.name);
  if (has_yielded)
    yields_ = limits::warm_yields;
  if (why.code != errc::resource_exhausted || yields_ == 0)
    return fail_with_logs(std::move(why));
  --yields_;
  lane_.self->delayed_send(lane_.self, limits::retry_pause, repeat_step{lane_.facts.visit()});
}

void steps::switch_traffic(step_answer& healthy) {
  yields_ = 0;
  traffic_.begin(std::move(std::get<std::vector<instance>>(healthy)), orders_.token());
}

// The last lines of the instance that did not become healthy, in the journal and in the failure's
// details.
void steps::fail_with_logs(error why) {
  auto all = instance_names_of(*lane_.facts.in_flight());
  if (all.empty())
    return fail(std::move(why));
  auto named = why.details.find("instance");
  auto reader = drain_.caller();
  auto finish = [this, reader, at = lane_.facts.visit(),
                 why](const std::vector<std::string>& lines) {
    drain_.dismiss(reader);
    lane_.commits.enqueue([this, at, why, lines]() mutable {
      if (!lane_.facts.still(at))
        return;
      for (const auto& line : lines)
        lane_.commits.note(at.deployment, log_event{"run", "stdout", line});
      if (!lines.empty())
        why.details["log"] = failure_log(lines);
      else if (why.code == errc::unhealthy)
        why.message += ". The instance has printed nothing";
      fail(std::move(why));
    });
  };
  lane_.self
      ->request(reader, limits::request_timeout,
                tail_instance{named == why.details.end() ? all.front() : named->second,
                              limits::failure_log_lines})
      .then([finish](const std::vector<std::string>& lines) { finish(lines); },
            [finish](const caf::error&) { finish({}); });
}

// --- the end without success

void steps::fail(error why) {
  yields_ = 0;
  orders_.give_up();
  orders_.stop();
  traffic_.give_up();
  replacing_.note_failure();
  lane_.commits.move(pawl::fail(*lane_.facts.in_flight(), why, lane_.with.now()),
                     [this](receipt& stored) { drain_.clean_up(stored.deployments.front()); });
}

} // namespace pawl
