#include "actors/lane/refusals.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pawl {

namespace {

std::string_view noun(operation op) {
  switch (op) {
  case operation::deploy:
    return "a deploy";
  case operation::rollback:
    return "a rollback";
  case operation::promote:
    return "a promotion";
  case operation::configure:
    return "a configuration";
  }
  return "";
}

// Enough of a request to see in which part it differs from another.
std::string words_for(const request_subject& what, subject_part differs) {
  if (differs == subject_part::source && what.source)
    return fmt::format("{} of the source {}", noun(what.operation), what.source->digest);
  if (differs == subject_part::version && what.version)
    return fmt::format("{} of {}", noun(what.operation), to_string(*what.version));
  return fmt::format("{} of {} to {}", noun(what.operation), what.lane.app, what.lane.cluster);
}

} // namespace

error busy_with(const deployment& d) {
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

error queue_is_full(const lane_key& lane, std::size_t queued) {
  return {errc::resource_exhausted,
          fmt::format("{} deployments wait for {} in {} already; cancel some, or use --supersede",
                      queued, lane.app, lane.cluster),
          {}};
}

error source_too_large(std::uint64_t bytes, std::uint64_t most) {
  return {errc::too_large,
          fmt::format("the source has {} bytes; this server takes at most {} ([limits] "
                      "upload_bytes of its configuration). Leave out what the build does not need "
                      "with a .pawlignore",
                      bytes, most),
          {}};
}

error too_many_uploads() {
  return {errc::resource_exhausted,
          fmt::format("{} uploads to this server are under way, which is the most; deploy again "
                      "when one of them has ended",
                      limits::uploads_at_once),
          {}};
}

error no_place_to_go_on(const deployment& waiting) {
  return {
      errc::resource_exhausted,
      fmt::format("{} uploads to this server are under way, which is the most. Deployment {} "
                  "keeps what has come of its source, and its place in the queue: send the rest "
                  "when one of them has ended (--request-id {})",
                  limits::uploads_at_once, waiting.id, waiting.request_id),
      {{"deployment", waiting.id}}};
}

error request_id_taken(const deployment& by, const request_subject& asked, subject_part differs) {
  return {errc::invalid_argument,
          fmt::format(
              "request id {} belongs to deployment {}, {}; this request is {}. An id stands "
              "for one request: give this one another (--request-id)",
              by.request_id, by.id, words_for(subject_of(by), differs), words_for(asked, differs)),
          {{"deployment", by.id}, {"differs", std::string{to_string(differs)}}}};
}

error switch_undecided(const lane_key& lane, const std::string& deployment) {
  return {errc::unavailable,
          fmt::format("the router does not say whether it sends requests of {} in {} to "
                      "deployment {}, whose switch failed. It is asked again every {} s, and "
                      "what served goes on serving: look at the router, then try again",
                      lane.app, lane.cluster, deployment,
                      std::chrono::ceil<std::chrono::seconds>(limits::retry_pause).count()),
          {{"deployment", deployment}}};
}

error never_live(const lane_key& lane, std::string_view version) {
  return {errc::not_found,
          fmt::format("{} was never live as {} in {}; pawl versions -a {} shows what there is, and "
                      "pawl promote releases what another cluster built",
                      version, lane.app, lane.cluster, lane.app),
          {}};
}

error live_already(const lane_key& lane, version_number version) {
  return {errc::invalid_argument,
          fmt::format("{} is live as {} in {} already: nothing was changed", to_string(version),
                      lane.app, lane.cluster),
          {}};
}

error built_for_other_engine(const version_record& version, const cluster_settings& cluster) {
  return {errc::invalid_argument,
          fmt::format("{} of {} was built for the {} engine, and cluster {} has the {} engine: "
                      "deploy its source there instead",
                      to_string(version.number), version.app, version.engine, cluster.name,
                      cluster.engine),
          {}};
}

error artifact_is_gone(std::string_view app, version_number version) {
  return {errc::not_found,
          fmt::format("the artifact of {} of {} was removed from the server, so it cannot be "
                      "released again: choose a version that pawl versions shows as one to roll "
                      "back to, or deploy its source again",
                      to_string(version), app),
          {{"app", std::string{app}}, {"version", to_string(version)}}};
}

error nothing_to_roll_back(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("nothing is live as {} in {} yet, so there is nothing to roll back", lane.app,
                      lane.cluster),
          {}};
}

error no_earlier_version(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("{} in {} has no earlier version to go back to that was not rolled back "
                      "itself; name one: pawl rollback VERSION",
                      lane.app, lane.cluster),
          {}};
}

error never_deployed(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("{} was never deployed to {}; pawl apps shows what there is", lane.app,
                      lane.cluster),
          {{"app", lane.app}, {"cluster", lane.cluster}}};
}

error still_deploying(const deployment& d) {
  return {errc::in_flight,
          fmt::format("deployment {} of {} to {} is {}: stop it (pawl cancel {}), or wait for it "
                      "(pawl attach {}), and destroy the app then",
                      d.id, d.app, d.cluster, to_string(d.state), d.id, d.id),
          {{"deployment", d.id}, {"state", std::string{to_string(d.state)}}}};
}

error volume_may_be_needed(const deployment& d) {
  return {errc::in_flight,
          fmt::format("deployment {} of {} to {} is {}, and may use the volume: stop it (pawl "
                      "cancel {}), or wait for it (pawl attach {})",
                      d.id, d.app, d.cluster, to_string(d.state), d.id, d.id),
          {{"deployment", d.id}, {"state", std::string{to_string(d.state)}}}};
}

error volume_in_use(const std::string& name, const deployment& by) {
  return {errc::invalid_transition,
          fmt::format("the active version of {0} in {1} uses the volume {2}: deploy one without "
                      "[volume.{2}], or take the app off (pawl destroy {0} -C {1})",
                      by.app, by.cluster, name),
          {{"deployment", by.id}, {"volume", name}}};
}

error nothing_to_cancel(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("no deployment of {} to {} is in flight; pawl history -a {} shows the past",
                      lane.app, lane.cluster, lane.app),
          {}};
}

error ended_already(const deployment& d) {
  return {errc::invalid_transition,
          fmt::format(
              "deployment {} is {} already and cannot be cancelled{}", d.id, to_string(d.state),
              d.state == state::active ? "; pawl rollback goes back to the version before" : ""),
          {{"deployment", d.id}, {"state", std::string{to_string(d.state)}}}};
}

error switched_already(const deployment& d) {
  return {
      errc::too_late,
      fmt::format("the traffic is being switched to deployment {}: it is too late to cancel it; "
                  "pawl rollback goes back to the version before",
                  d.id),
      {{"deployment", d.id}}};
}

error nothing_active(const lane_key& lane) {
  return {errc::not_found,
          fmt::format("nothing of {} is active in {}: deploy it first (pawl deploy)", lane.app,
                      lane.cluster),
          {{"app", lane.app}, {"cluster", lane.cluster}}};
}

error is_stopped(const lane_key& lane) {
  return {errc::invalid_argument,
          fmt::format("{} is stopped in {}, so nothing of it runs that could be started again: "
                      "pawl start -a {} -C {} starts it",
                      lane.app, lane.cluster, lane.app, lane.cluster),
          {{"app", lane.app}, {"cluster", lane.cluster}}};
}

} // namespace pawl
