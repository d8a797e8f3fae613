#include "actors/lane/configuring.hpp"

#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace pawl {

namespace {

admitted staged(const lane_key& lane, config_number number) {
  admitted answer;
  answer.deployment.app = lane.app;
  answer.deployment.cluster = lane.cluster;
  answer.staged = number;
  return answer;
}

// For the history: names, never values.
std::string message_of(const configuration& made) {
  std::string text;
  if (made.restored)
    text = fmt::format("revision {} of the configuration again", *made.restored);
  const auto add = [&text](std::string_view what, const std::vector<std::string>& names) {
    if (!names.empty())
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", what, fmt::join(names, ", "));
  };
  add("set", made.added);
  add("changed", made.changed);
  add("unset", made.removed);
  return shortened(text.empty() ? "the same variables again" : text, limits::message_bytes);
}

// The revisions that no deployment of the lane needs any more: it keeps the newest, and those that
// something runs with, or will.
std::vector<config_number> outdated(const lane_facts& facts, config_number next) {
  if (next <= limits::config_revisions)
    return {};
  const auto oldest = static_cast<config_number>(next - limits::config_revisions);
  std::set<config_number> needed;
  const auto keep = [&](const deployment& d) { needed.insert(d.config.value_or(0)); };
  if (facts.active())
    keep(*facts.active());
  if (facts.in_flight())
    keep(*facts.in_flight());
  for (const auto& one : facts.queue())
    keep(one);
  return needed.contains(oldest) ? std::vector<config_number>{} : std::vector{oldest};
}

} // namespace

void configuring::configure(const configure_lane& what, const reply<admitted>& answer) {
  const auto& request = what.request;
  auto known = lane_.with.records->by_request(request.request_id);
  if (!known)
    return answer(std::move(known).error());
  if (*known)
    return requests_.answer_known(**known, {lane_.lane, operation::configure}, answer);
  auto before = known_as_staged(request.request_id);
  if (!before)
    return answer(std::move(before).error());
  if (*before)
    return answer(**std::move(before));
  auto made = next_of(what);
  if (!made)
    return answer(std::move(made).error());
  change wanted;
  wanted.lane = lane_.facts.record();
  wanted.lane->lane = lane_.lane;
  wanted.lane->configs = made->number;
  wanted.dropped_configurations = outdated(lane_.facts, made->number);
  wanted.configuration = *std::move(made);
  if (request.stage || !lane_.facts.active())
    stage(std::move(wanted), what, answer);
  else
    apply(std::move(wanted), what, answer);
}

result<std::optional<admitted>> configuring::known_as_staged(const std::string& request_id) const {
  const auto newest = lane_.facts.record().configs;
  const auto last = newest - std::min<std::size_t>(newest, limits::config_search);
  for (auto number = newest; number > last; --number) {
    auto made = configs_.find(number);
    if (!made && made.error().code == errc::not_found)
      continue;
    if (!made)
      return std::move(made).error();
    if ((*made)->request_id == request_id)
      return std::optional{staged(lane_.lane, number)};
  }
  return std::optional<admitted>{};
}

result<configuration> configuring::next_of(const configure_lane& what) const {
  const auto& request = what.request;
  auto holds = configs_.current();
  if (!holds)
    return std::move(holds).error();
  auto restored = configs_.find(request.restore);
  if (!restored && restored.error().code == errc::not_found)
    return error{errc::invalid_argument, restored.error().message, restored.error().details};
  if (!restored)
    return std::move(restored).error();
  auto next =
      next_configuration(lane_.lane, lane_.facts.record().configs + 1, *holds ? &**holds : nullptr,
                         {request.set, request.unset, request.restore},
                         *restored ? &**restored : nullptr, what.by, lane_.with.now());
  if (!next)
    return next;
  next->request_id = request.request_id;
  if (const auto& active = lane_.facts.active(); active && active->internals.settings)
    if (auto fits = check_all_references(*active->internals.settings, &*next, lane_.lane); !fits)
      return std::move(fits).error();
  return next;
}

void configuring::stage(change wanted, const configure_lane& what, const reply<admitted>& answer) {
  if (what.audit)
    wanted.audit.push_back(
        done_with(*what.audit, fmt::format("config {}", wanted.lane->configs), lane_.with.now()));
  const auto number = wanted.lane->configs;
  lane_.commits.commit(
      std::move(wanted), [this, answer, number](receipt&) { answer(staged(lane_.lane, number)); },
      [answer](error why) { answer(std::move(why)); });
}

void configuring::apply(change wanted, const configure_lane& what, const reply<admitted>& answer) {
  deployment draft;
  draft.operation = operation::configure;
  draft.message = message_of(*wanted.configuration);
  draft.request_id = what.request.request_id;
  draft.by = what.by;
  draft.config = wanted.configuration->number;
  requests::candidate asked{std::move(draft), what.request.when_busy, {}, {}};
  if (what.audit)
    asked.audit.push_back(*what.audit);
  requests_.note_override(asked, what.request.override_freeze);
  asked.configuration = std::move(wanted);
  requests_.admit(std::move(asked), answer);
}

} // namespace pawl
