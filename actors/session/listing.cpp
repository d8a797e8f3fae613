#include "actors/session/listing.hpp"

#include "lifecycle/deadlines.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace pawl::listing {

namespace {

history_query to_query(const protocol::history_request& request) {
  history_query query;
  query.app = request.app;
  query.cluster = request.cluster;
  query.state = request.state;
  query.operation = request.operation;
  query.by = request.by;
  query.commit_prefix = request.commit;
  query.since = request.since;
  query.until = request.until;
  query.limit = request.limit;
  query.cursor = request.cursor;
  return query;
}

// Where the versions of one app are live, and which were live before.
struct version_fates {
  std::map<version_number, std::vector<std::string>> live_in;
  std::set<version_number> was_live;
};

// A lane's deployments that were active are chained by `replaces`: from the present one backwards.
result<void> follow_lane(const store& records, const lane_record& lane, version_fates& fates) {
  auto id = lane.active;
  for (std::size_t i = 0; id && i < limits::rollback_search; ++i) {
    auto found = records.find(*id);
    if (!found)
      return std::move(found).error();
    if (found->version) {
      if (i == 0)
        fates.live_in[*found->version].push_back(lane.lane.cluster);
      else
        fates.was_live.insert(*found->version);
    }
    id = found->replaces;
  }
  return {};
}

// A record that an answer can carry.
result<deployment> find(const store& records, const std::string& id) {
  auto found = records.find(id);
  if (found)
    if (auto fits = protocol::check_fits_answers(*found); !fits)
      return std::move(fits).error();
  return found;
}

error bad_cursor() {
  return {errc::invalid_argument, "this cursor was not given out by this server", {}};
}

// "APP/REST": names have no slash.
result<std::pair<std::string, std::string>> parse_cursor(const std::string& cursor) {
  auto slash = cursor.find('/');
  if (slash == std::string::npos || !check_name("app", cursor.substr(0, slash)))
    return bad_cursor();
  return std::pair{cursor.substr(0, slash), cursor.substr(slash + 1)};
}

// Adds the versions below `before`, as far as the page goes.
result<void> add_versions(const store& records, const readiness_look& look, const std::string& app,
                          std::optional<version_number> before,
                          std::vector<protocol::version_view>& into) {
  auto lanes = records.lanes(app, {});
  if (!lanes)
    return std::move(lanes).error();
  version_fates fates;
  for (const auto& lane : *lanes)
    if (auto followed = follow_lane(records, lane, fates); !followed)
      return followed;
  auto known = records.versions(app, limits::versions_page - into.size(), before);
  if (!known)
    return std::move(known).error();
  for (const auto& one : *known) {
    protocol::version_view view;
    view.app = app;
    view.version = one.number;
    view.artifact = one.artifact;
    view.created_at = one.created_at;
    view.deployment = one.deployment;
    if (auto live = fates.live_in.find(one.number); live != fates.live_in.end())
      view.live_in = live->second;
    const auto found = look(one);
    view.can_roll_back = fates.was_live.contains(one.number) && found != readiness::gone;
    view.readiness = view.live_in.empty() ? found : readiness::warm; // it serves
    into.push_back(std::move(view));
  }
  return {};
}

// Where the lane's active version has the volume; empty if it does not use it.
std::string active_path_of(const store& records, const lane_record& lane, const std::string& name) {
  if (!lane.active)
    return {};
  const auto served = records.find(*lane.active);
  if (!served || !served->internals.settings)
    return {};
  const auto& all = served->internals.settings->volumes;
  const auto found = all.find(name);
  return found == all.end() ? std::string{} : found->second.path;
}

} // namespace

result<deployment> show(const store& records, std::string_view id_or_prefix) {
  auto id = records.resolve(id_or_prefix);
  if (!id)
    return std::move(id).error();
  return find(records, *id);
}

result<protocol::history_list> history(const store& records,
                                       const protocol::history_request& request) {
  auto query = to_query(request);
  while (true) {
    auto page = records.history(query);
    if (!page)
      return std::move(page).error();
    protocol::history_list list{{}, std::move(page->next_cursor), std::move(page->damaged)};
    list.deployments.reserve(page->deployments.size());
    for (auto& one : page->deployments) {
      if (auto fits = protocol::check_fits_answers(one))
        list.deployments.push_back(std::move(one));
      else
        list.damaged.push_back(std::move(fits).error());
    }
    if (query.limit == 1 || protocol::fits_a_frame(list))
      return list;
    query.limit /= 2;
  }
}

result<protocol::audit_list> audit(const store& records, const protocol::audit_request& request) {
  audit_query query{request.app,   request.by,    request.action, request.since,
                    request.until, request.limit, request.cursor};
  while (true) {
    auto page = records.audit(query);
    if (!page)
      return std::move(page).error();
    protocol::audit_list list{std::move(page->records), std::move(page->next_cursor),
                              std::move(page->damaged)};
    if (query.limit == 1 || protocol::fits_a_frame(list))
      return list;
    query.limit /= 2;
  }
}

result<protocol::version_list> versions(const store& records,
                                        const protocol::versions_request& request,
                                        const readiness_look& look) {
  std::set<std::string> names;
  auto lanes = records.lanes(request.app, {});
  if (!lanes)
    return std::move(lanes).error();
  for (const auto& lane : *lanes)
    names.insert(lane.lane.app);
  if (request.app && names.empty())
    return no_app(*request.app);
  std::string first;
  std::optional<version_number> before;
  if (request.cursor) {
    auto place = parse_cursor(*request.cursor);
    if (!place)
      return std::move(place).error();
    first = place->first;
    before = parse_version(place->second);
    if (!before || to_string(*before) != place->second)
      return bad_cursor();
  }
  protocol::version_list list;
  for (auto name = names.lower_bound(first); name != names.end(); ++name) {
    auto below = *name == first ? before : std::nullopt;
    if (auto added = add_versions(records, look, *name, below, list.versions); !added)
      return std::move(added).error();
    if (list.versions.size() == limits::versions_page) {
      const auto& last = list.versions.back();
      list.next_cursor = fmt::format("{}/{}", last.app, to_string(last.version));
      break;
    }
  }
  return list;
}

std::string cursor_after(const status_place& place) {
  auto lane = fmt::format("{}/{}", place.lane.app, place.lane.cluster);
  return place.within.empty() ? lane : lane + "/" + place.within;
}

result<std::optional<status_place>> place_of(const protocol::status_request& request) {
  if (!request.cursor)
    return std::optional<status_place>{};
  auto parts = parse_cursor(*request.cursor);
  if (!parts)
    return std::move(parts).error();
  const auto& [app, rest] = *parts;
  auto slash = rest.find('/');
  auto within = slash == std::string::npos ? "" : rest.substr(slash + 1);
  status_place place{{app, rest.substr(0, slash)}, within};
  if (cursor_after(place) != *request.cursor)
    return bad_cursor();
  return std::optional{std::move(place)};
}

result<std::vector<lane_record>> lanes_from(const store& records,
                                            const protocol::status_request& request,
                                            const std::optional<status_place>& place) {
  auto known = records.lanes(request.app, request.cluster);
  if (known)
    std::erase_if(*known, [&](const lane_record& one) {
      return one.destroyed_at || (place && (one.lane < place->lane ||
                                            (one.lane == place->lane && place->within.empty())));
    });
  return known;
}

// A record that cannot be shown is left out: the others are still worth seeing.
protocol::lane_view lane_from_store(const store& records, const lane_record& lane) {
  protocol::lane_view view{lane.lane.app, lane.lane.cluster, {}, {}, {}, {}, {}};
  view.stopped_at = lane.stopped_at;
  const auto note = [&view](error why) {
    if (!view.error)
      view.error = std::move(why);
  };
  if (lane.active) {
    auto active = find(records, *lane.active);
    if (active)
      view.active = std::move(*active);
    else
      note(std::move(active).error());
  }
  auto open = records.unfinished(lane.lane);
  if (!open) {
    note(std::move(open).error());
    return view;
  }
  for (auto& one : *open) {
    if (auto fits = protocol::check_fits_answers(one); !fits) {
      note(std::move(fits).error());
    } else if (is_in_flight(one.state)) {
      view.deadline = deadline_at(one);
      view.in_flight = std::move(one);
    } else {
      view.queued.push_back(std::move(one));
    }
  }
  return view;
}

result<protocol::volume_list>
volumes(const store& records, const protocol::volumes_request& request, const volumes_look& look) {
  auto found = look();
  if (!found)
    return std::move(found).error();
  protocol::volume_list list;
  for (const auto& one : *found) {
    if ((request.app && *request.app != one.lane.app) ||
        (request.cluster && *request.cluster != one.lane.cluster))
      continue;
    auto lane = records.lane(one.lane);
    if (!lane)
      return std::move(lane).error();
    if (lane->revision == 0)
      continue; // nobody's, or that of a lane that may not be seen
    if (list.volumes.size() == limits::volumes_listed) {
      list.complete = false;
      break;
    }
    auto path = active_path_of(records, *lane, one.name);
    list.volumes.push_back(
        {one.lane.app, one.lane.cluster, one.name, std::move(path), one.bytes, one.measured});
  }
  return list;
}

result<protocol::app_list> apps(const store& records) {
  auto lanes = records.lanes({}, {});
  if (!lanes)
    return std::move(lanes).error();
  protocol::app_list list;
  for (const auto& lane : *lanes) {
    if (lane.destroyed_at)
      continue;
    if (list.apps.empty() || list.apps.back().app != lane.lane.app)
      list.apps.push_back({lane.lane.app, {}});
    list.apps.back().clusters.push_back(lane.lane.cluster);
  }
  return list;
}

error no_app(const std::string& app) {
  return {errc::not_found,
          fmt::format("there is no app \"{}\"; pawl apps shows what there is", app),
          {{"app", app}}};
}

result<void> known_lane(const store& records, const lane_key& lane) {
  auto lanes = records.lanes(lane.app, {});
  if (!lanes)
    return std::move(lanes).error();
  if (lanes->empty())
    return no_app(lane.app);
  for (const auto& one : *lanes)
    if (one.lane == lane)
      return {};
  return error{errc::not_found,
               fmt::format("{} was never deployed to {}; pawl apps shows what there is where",
                           lane.app, lane.cluster),
               {{"app", lane.app}, {"cluster", lane.cluster}}};
}

} // namespace pawl::listing
