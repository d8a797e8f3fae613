#include "actors/lane/served_instance.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

// Nobody is to send requests to the others.
std::string shown_address(const std::string& name, const std::string& address) {
  return is_web(name) ? address : std::string{};
}

} // namespace

duration served_instance::begin_pause(caf::actor_clock::time_point now, std::string why) {
  if (serves() && now - since > limits::restart_backoff_max) {
    backoff = limits::restart_backoff_first;
    short_lives = 0;
  }
  ++short_lives;
  last_end = why;
  const auto pause = backoff;
  phase = service_phase::restarting;
  detail = std::move(why);
  since = now + pause;
  backoff = std::min<duration>(backoff * 2, limits::restart_backoff_max);
  return pause;
}

bool served_instance::keeps_ending(caf::actor_clock::time_point now) const noexcept {
  constexpr std::uint32_t again = 2; // one end may be chance
  return phase == service_phase::running && short_lives >= again &&
         now - since <= limits::restart_backoff_max;
}

protocol::instance_view view_of(const served_instance& one, caf::actor_clock::time_point now) {
  using std::chrono::seconds;
  const auto shown = one.keeps_ending(now) ? service_phase::restarting : one.phase;
  protocol::instance_view view{one.name,
                               std::string{to_string(shown)},
                               shown_address(one.name, one.address),
                               one.detail,
                               one.restarts,
                               std::string{process_of_instance(one.name)}};
  if (one.phase == service_phase::restarting) {
    const auto left = std::chrono::ceil<seconds>(one.since - now).count();
    view.detail += fmt::format("; starts again in {} s", std::max<std::int64_t>(left, 0));
  }
  if (one.phase == service_phase::running && !one.last_end.empty() &&
      now - one.since <= limits::restart_backoff_max)
    view.detail = fmt::format("{}; has run again for {} s", one.last_end,
                              std::chrono::floor<seconds>(now - one.since).count());
  return view;
}

std::vector<protocol::instance_view> views_of(const service_at_rest& service) {
  std::vector<protocol::instance_view> views;
  for (const auto& one : service.instances)
    views.push_back({one.name,
                     std::string{to_string(service_phase::running)},
                     shown_address(one.name, one.address),
                     {},
                     one.restarts,
                     std::string{process_of_instance(one.name)}});
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
