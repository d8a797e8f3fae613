#include "actors/lane/chosen_config.hpp"

#include <fmt/format.h>

namespace pawl {

result<std::optional<configuration>> chosen_config::current() const {
  auto lane = facts_.record();
  lane.lane = lane_;
  return current_configuration(records_, lane);
}

result<std::optional<configuration>>
chosen_config::find(const std::optional<config_number>& number) const {
  if (!number)
    return std::optional<configuration>{};
  auto found = records_.configuration(lane_, *number);
  if (!found)
    return std::move(found).error();
  return std::optional{*std::move(found)};
}

result<void> chosen_config::prepare(deployment& d) const {
  if (d.operation == operation::deploy || d.operation == operation::promote) {
    auto holds = current();
    if (!holds)
      return std::move(holds).error();
    d.config = *holds ? std::optional{(*holds)->number} : std::nullopt;
  }
  if (d.operation == operation::configure)
    if (auto taken = take_active(d); !taken)
      return taken;
  // A revision that is stored together with the deployment was checked when it was made.
  const bool is_new = d.config.value_or(0) > facts_.record().configs;
  return is_new || !d.internals.settings ? result<void>{}
                                         : check_settings(*d.internals.settings, d.config);
}

result<void> chosen_config::take_active(deployment& d) const {
  const auto& active = facts_.active();
  if (!active)
    return error{errc::invalid_transition,
                 fmt::format("nothing is live as {} in {} any more, so there is nothing to "
                             "configure; the next deployment takes the variables",
                             lane_.app, lane_.cluster),
                 {}};
  d.version = active->version;
  d.source = active->source;
  d.git = active->git;
  d.internals.settings = active->internals.settings;
  d.internals.artifact = active->internals.artifact;
  return {};
}

result<void> chosen_config::check_settings(const manifest& settings,
                                           const std::optional<config_number>& number) const {
  auto used = find(number);
  if (!used)
    return std::move(used).error();
  return check_all_references(settings, *used ? &**used : nullptr, lane_);
}

} // namespace pawl
