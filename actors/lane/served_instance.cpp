#include "actors/lane/served_instance.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

duration served_instance::begin_pause(caf::actor_clock::time_point now, std::string why) {
  if (serves() && now - since > limits::restart_backoff_max)
    backoff = limits::restart_backoff_first;
  const auto pause = backoff;
  phase = service_phase::restarting;
  detail = std::move(why);
  since = now + pause;
  backoff = std::min<duration>(backoff * 2, limits::restart_backoff_max);
  return pause;
}

protocol::instance_view view_of(const served_instance& one, caf::actor_clock::time_point now) {
  protocol::instance_view view{one.name, std::string{to_string(one.phase)}, one.address,
                               one.detail};
  if (one.phase == service_phase::restarting) {
    auto left = std::chrono::ceil<std::chrono::seconds>(one.since - now).count();
    view.detail += fmt::format("; starts again in {} s", std::max<std::int64_t>(left, 0));
  }
  return view;
}

std::vector<protocol::instance_view> views_of(const service_at_rest& service) {
  std::vector<protocol::instance_view> views;
  for (const auto& one : service.instances)
    views.push_back({instance_name(service.deployment, views.size() + 1),
                     std::string{to_string(service_phase::running)}, one.address});
  return views;
}

std::string exit_text(const instance& ended) {
  constexpr int signals = 128; // what the shell and bubblewrap add to a signal's number
  if (ended.out_of_memory)
    return "was killed: it used more memory than its limit";
  if (!ended.exit_status)
    return "exited";
  if (*ended.exit_status > signals)
    return fmt::format("was killed by signal {}", *ended.exit_status - signals);
  return fmt::format("exited with status {}", *ended.exit_status);
}

} // namespace pawl
