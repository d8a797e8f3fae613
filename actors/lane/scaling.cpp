#include "actors/lane/scaling.hpp"

#include "actors/lane/instance_specs.hpp"
#include "actors/lane/refusals.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

std::string text_of(const process_counts& counts) {
  std::string text;
  for (const auto& one : counts)
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", one.process, one.instances);
  return text;
}

} // namespace

// A deployment that is under way was begun with the counts of before.
std::optional<error> scaling::refusal() const {
  const auto& facts = lane_.facts;
  if (facts.in_flight())
    return busy_with(*facts.in_flight());
  if (!facts.queue().empty())
    return busy_with(facts.queue().front());
  if (!facts.active())
    return nothing_active(lane_.lane);
  return std::nullopt;
}

change scaling::change_of(lane_record lane, const std::optional<audit_record>& asked,
                          std::string detail) const {
  change wanted;
  wanted.lane = std::move(lane);
  if (asked) {
    auto told = done_with(*asked, lane_.facts.active()->id, lane_.with.now());
    told.detail = std::move(detail);
    keep_within_limits(told);
    wanted.audit.push_back(std::move(told));
  }
  return wanted;
}

protocol::process_list scaling::list() const {
  const auto& active = *lane_.facts.active();
  protocol::process_list list{lane_.lane.app, lane_.lane.cluster, active.id, active.version,
                              lane_.facts.record().stopped_at};
  for (const auto& [process, count] :
       counts_of(*active.internals.settings, active.internals.counts)) {
    auto& view = list.processes.emplace_back(protocol::process_view{process, count});
    for (const auto& one : service_.instances())
      if (one.phase == service_phase::running && process_of_instance(one.name) == process)
        ++view.running;
  }
  return list;
}

void scaling::show(const describe_processes&, const reply<protocol::process_list>& answer) {
  if (!lane_.facts.active())
    return answer(nothing_active(lane_.lane));
  answer(list());
}

// --- scale

void scaling::scale(const scale_lane& what, const reply<protocol::process_list>& answer) {
  if (auto refused = refusal())
    return answer(std::move(*refused));
  auto record = lane_.facts.record();
  auto active = *lane_.facts.active();
  auto counts = scaled(*active.internals.settings, record.counts, what.counts);
  if (!counts)
    return answer(std::move(counts).error());
  record.counts = *counts;
  active.internals.counts = *std::move(counts);
  auto wanted = change_of(std::move(record), what.audit, text_of(what.counts));
  wanted.deployments.push_back(std::move(active));
  lane_.commits.commit(
      std::move(wanted),
      [this, answer](receipt&) {
        // Those have other counts, and nobody is to take them over.
        replaced_.give_up_all();
        if (!lane_.facts.record().stopped_at)
          end_surplus(service_.follow_counts());
        answer(list());
      },
      [answer](error why) { answer(std::move(why)); });
}

// Those that are routed may have requests still.
void scaling::end_surplus(const std::vector<std::string>& names) {
  const auto& active = *lane_.facts.active();
  for (const auto& name : names) {
    errands_.begin();
    lane_.self->delayed_send(lane_.self, is_web(name) ? lane_.with.cluster.drain : duration::zero(),
                             surplus_drained{active.id, name, stop_timeout_of(active, name)});
  }
}

// It may be wanted again by now; or the router may not have confirmed yet that it sends it nothing.
void scaling::end_drained(const surplus_drained& what) {
  errands_.end();
  const auto& active = lane_.facts.active();
  if (active && active->id == what.deployment && is_web(what.instance) &&
      !service_.route_is_confirmed())
    return drain_.try_later(what);
  const auto& all = service_.instances();
  if (std::none_of(all.begin(), all.end(),
                   [&](const served_instance& one) { return one.name == what.instance; }))
    drain_.stop_instances({what.instance}, what.grace, [] {});
  lane_.events.look_for_idleness();
}

// --- stop and start

void scaling::stop(const stop_lane& what, const reply<protocol::process_list>& answer) {
  if (auto refused = refusal())
    return answer(std::move(*refused));
  if (stopping_)
    return after_stop_.push_back([this, what, answer] { stop(what, answer); });
  auto record = lane_.facts.record();
  if (record.stopped_at)
    return answer(list());
  record.stopped_at = lane_.with.now();
  lane_.commits.commit(
      change_of(std::move(record), what.audit, "stop"),
      [this, answer](receipt&) {
        stopping_ = true;
        after_stop_.push_back([this, answer] {
          if (lane_.facts.active())
            answer(list());
          else
            answer(nothing_active(lane_.lane));
        });
        service_.end();
        replaced_.give_up_all();
        // The requests that the app works on get its stop_timeout.
        drain_.close_route(lane_.facts.active()->id,
                           [this, stopped = *lane_.facts.active()] { stop_instances(stopped); });
      },
      [answer](error why) { answer(std::move(why)); });
}

void scaling::stop_instances(const deployment& stopped) {
  drain_.stop_instances_of(stopped, instance_names_of(stopped),
                           [this] { lane_.commits.enqueue([this] { end_stop(); }); });
}

void scaling::end_stop() {
  stopping_ = false;
  for (auto& waiting : std::exchange(after_stop_, {}))
    lane_.commits.enqueue(std::move(waiting));
  lane_.events.look_for_idleness();
}

void scaling::start(const start_lane& what, const reply<protocol::process_list>& answer) {
  if (auto refused = refusal())
    return answer(std::move(*refused));
  if (stopping_)
    return after_stop_.push_back([this, what, answer] { start(what, answer); });
  auto record = lane_.facts.record();
  if (!record.stopped_at)
    return answer(list());
  record.stopped_at.reset();
  lane_.commits.commit(
      change_of(std::move(record), what.audit, "start"),
      [this, answer](receipt&) {
        service_.serve({});
        answer(list());
      },
      [answer](error why) { answer(std::move(why)); });
}

// --- restart of one process

// Nothing of it is in a record: if the server dies meanwhile, what does not run is started anyway.
void scaling::restart(const restart_process& what, const reply<protocol::process_list>& answer) {
  if (auto refused = refusal())
    return answer(std::move(*refused));
  const auto& settings = *lane_.facts.active()->internals.settings;
  if (auto known = check_process(settings, what.process); !known)
    return answer(std::move(known).error());
  if (lane_.facts.record().stopped_at)
    return answer(is_stopped(lane_.lane));
  lane_.commits.commit(
      change_of(lane_.facts.record(), what.audit, what.process),
      [this, process = what.process, answer](receipt&) {
        service_.renew(process);
        answer(list());
      },
      [answer](error why) { answer(std::move(why)); });
}

} // namespace pawl
