#include "actors/session/config_listing.hpp"

#include "actors/session/listing.hpp"
#include "persistence/lane_configs.hpp"

#include <fmt/format.h>

namespace pawl {

std::string names_in(const protocol::configure_request& request) {
  std::string text;
  const auto add = [&text](std::string_view words) {
    text += text.empty() ? "" : ", ";
    text += words;
  };
  for (const auto& one : request.set)
    add(fmt::format("set {}{}", one.name, one.is_secret ? " (secret)" : ""));
  for (const auto& name : request.unset)
    add("unset " + name);
  if (request.restore)
    add(fmt::format("revision {} again", *request.restore));
  if (request.stage)
    add("staged");
  return text;
}

protocol::configured configured_answer(const admitted& how) {
  const auto& d = how.deployment;
  if (how.staged > 0)
    return {d.app, d.cluster, how.staged, {}};
  return {d.app, d.cluster, d.config.value_or(0), d};
}

namespace listing {

namespace {

struct lane_now {
  lane_record record;
  std::optional<deployment> active = {};
  std::optional<configuration> holds = {};
};

result<lane_now> look_at(const store& records, const lane_key& lane) {
  if (auto known = known_lane(records, lane); !known)
    return std::move(known).error();
  auto record = records.lane(lane);
  if (!record)
    return std::move(record).error();
  lane_now now{*std::move(record)};
  if (now.record.active) {
    auto active = records.find(*now.record.active);
    if (!active)
      return std::move(active).error();
    now.active = *std::move(active);
  }
  auto holds = current_configuration(records, now.record);
  if (!holds)
    return std::move(holds).error();
  now.holds = *std::move(holds);
  return now;
}

result<protocol::config_view> view_of(const store& records, configuration&& made) {
  auto failed = has_failed(records, made);
  if (!failed)
    return std::move(failed).error();
  protocol::config_view view{made.number, made.at, std::move(made.by)};
  view.added = std::move(made.added);
  view.changed = std::move(made.changed);
  view.removed = std::move(made.removed);
  view.restored = made.restored;
  view.deployment = std::move(made.deployment);
  view.failed = *failed;
  return view;
}

} // namespace

result<protocol::variable_list> variables(const store& records,
                                          const protocol::variables_request& request) {
  auto now = look_at(records, {request.app, request.cluster});
  if (!now)
    return std::move(now).error();
  protocol::variable_list list{request.app, request.cluster};
  list.serves = now->active.has_value();
  if (now->active)
    list.running = now->active->config;
  if (!now->holds)
    return list;
  list.config = now->holds->number;
  for (auto& one : now->holds->variables) {
    protocol::variable_view view;
    view.name = std::move(one.name);
    view.secret = one.is_secret;
    if (!one.is_secret)
      view.value = std::move(one.value);
    view.by = std::move(one.by);
    view.at = one.at;
    view.config = one.revision;
    list.variables.push_back(std::move(view));
  }
  return list;
}

result<protocol::config_list> configs(const store& records,
                                      const protocol::configs_request& request) {
  auto now = look_at(records, {request.app, request.cluster});
  if (!now)
    return std::move(now).error();
  protocol::config_list list{request.app, request.cluster};
  if (now->holds)
    list.current = now->holds->number;
  if (now->active)
    list.running = now->active->config;
  auto number = now->record.configs;
  if (request.before)
    number = std::min(number, *request.before > 0 ? *request.before - 1 : 0);
  for (; number > 0 && list.revisions.size() < limits::config_page; --number) {
    auto made = records.configuration(now->record.lane, number);
    if (!made && made.error().code == errc::not_found) // removed, as old ones are
      continue;
    if (!made)
      return std::move(made).error();
    auto view = view_of(records, *std::move(made));
    if (!view)
      return std::move(view).error();
    list.revisions.push_back(*std::move(view));
  }
  if (number > 0)
    list.next_before = number + 1;
  while (list.revisions.size() > 1 && !protocol::fits_a_frame(list)) {
    list.next_before = list.revisions.back().config + 1;
    list.revisions.pop_back();
  }
  return list;
}

} // namespace listing

} // namespace pawl
