#include "persistence/lmdb/record_reading.hpp"

#include "persistence/lmdb/stored.hpp"
#include "persistence/storable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pawl {

namespace {

using schema::database;

constexpr std::size_t candidates_max = 10; // shown of an ambiguous prefix

// False too for a record that does not verify: nobody can say whose it is.
bool is_seen(const lmdb::transaction& in, std::string_view id, const grant& seen) {
  if (shows_all(seen))
    return true;
  auto head = load_of<records::deployment_head>(in, database::deployments, id);
  return head && *head && covers(seen, (*head)->app, (*head)->cluster);
}

} // namespace

error no_deployment(std::string_view id) {
  return {errc::not_found,
          fmt::format("there is no deployment {}: `pawl history` lists them", id),
          {{"deployment", std::string{id}}}};
}

result<deployment> find_deployment(const lmdb::transaction& in, std::string_view id) {
  auto found = load_of<deployment>(in, database::deployments, id);
  if (!found)
    return std::move(found).error();
  if (!*found)
    return no_deployment(id);
  return **std::move(found);
}

result<std::string> resolve_id(const lmdb::transaction& in, std::string_view id_prefix,
                               const grant& seen) {
  if (id_prefix.empty())
    return error{errc::invalid_argument, "a deployment's id has at least one character", {}};
  auto walk = in.walk(database::ids);
  if (!walk)
    return std::move(walk).error();
  std::vector<std::string> found;
  auto at = walk->at_or_after(id_prefix);
  std::size_t looked_at = 0;
  for (; at && *at && (*at)->key.starts_with(id_prefix) && found.size() < candidates_max &&
         looked_at < limits::prefix_scan;
       at = walk->next(), ++looked_at)
    if (is_seen(in, (*at)->key, seen))
      found.emplace_back((*at)->key);
  if (!at)
    return std::move(at).error();
  if (found.empty())
    return no_deployment(id_prefix);
  if (found.size() == 1 || found.front() == id_prefix)
    return found.front();
  return error{errc::invalid_argument,
               fmt::format("several deployments begin with {}: write more of the id of the one "
                           "that is meant",
                           id_prefix),
               {{"candidates", fmt::format("{}", fmt::join(found, ","))}}};
}

result<std::optional<std::string>> find_by_request(const lmdb::transaction& in,
                                                   std::string_view request_id) {
  auto claim = load<records::request_claim>(in, database::requests, request_id);
  if (!claim)
    return std::move(claim).error();
  return *claim ? std::optional{(*claim)->deployment} : std::nullopt;
}

result<lane_record> find_lane(const lmdb::transaction& in, const lane_key& key) {
  auto found = load<lane_record>(in, database::lanes, schema::lane_key_of(key));
  if (!found)
    return std::move(found).error();
  return *found ? **std::move(found) : lane_record{.lane = key};
}

result<std::vector<lane_record>> list_lanes(const lmdb::transaction& in,
                                            const std::optional<std::string>& app,
                                            const std::optional<std::string>& cluster) {
  auto walk = in.walk(database::lanes);
  if (!walk)
    return std::move(walk).error();
  std::vector<lane_record> found;
  auto prefix = app ? schema::terminated(*app) : std::string{};
  auto at = walk->at_or_after(prefix);
  for (; at && *at && (*at)->key.starts_with(prefix); at = walk->next()) {
    auto decoded = records::decode<lane_record>((*at)->key, (*at)->value);
    auto lane =
        decoded ? *std::move(decoded) : lane_record{.lane = schema::parse_lane_key((*at)->key)};
    if (!cluster || lane.lane.cluster == *cluster)
      found.push_back(std::move(lane));
  }
  if (!at)
    return std::move(at).error();
  return found;
}

result<std::vector<freeze_record>> list_freezes(const lmdb::transaction& in) {
  auto walk = in.walk(database::freezes);
  if (!walk)
    return std::move(walk).error();
  std::vector<freeze_record> found;
  auto at = walk->at_or_after({});
  for (; at && *at; at = walk->next()) {
    if (auto freeze = records::decode<freeze_record>((*at)->key, (*at)->value)) {
      found.push_back(*std::move(freeze));
      continue;
    }
    auto scope = schema::parse_freeze_key((*at)->key);
    found.push_back({.app = std::move(scope.app),
                     .cluster = std::move(scope.cluster),
                     .reason = "the record of this freeze does not verify",
                     .by = "pawl"});
  }
  if (!at)
    return std::move(at).error();
  return found;
}

result<configuration> find_configuration(const lmdb::transaction& in, const lane_key& lane,
                                         config_number number) {
  auto found =
      load<configuration>(in, database::configurations, schema::configuration_key(lane, number));
  if (!found)
    return std::move(found).error();
  return *found ? result<configuration>{**std::move(found)} : no_configuration(lane, number);
}

result<std::optional<lane_key>> find_holder(const lmdb::transaction& in, std::string_view host) {
  auto claim = load<host_claim>(in, database::hosts, host);
  if (!claim)
    return std::move(claim).error();
  return *claim ? std::optional{(*claim)->lane} : std::nullopt;
}

result<std::vector<deployment>> list_unfinished(const lmdb::transaction& in,
                                                const std::optional<lane_key>& lane) {
  auto walk = in.walk(database::unfinished);
  if (!walk)
    return std::move(walk).error();
  std::vector<deployment> found;
  auto prefix = lane ? schema::lane_prefix(*lane) : std::string{};
  auto at = walk->at_or_after(prefix);
  for (; at && *at && (*at)->key.starts_with(prefix); at = walk->next()) {
    auto entry = schema::parse_history_key((*at)->key);
    if (!entry)
      return records::corrupt(database::unfinished, (*at)->key, "it is no key of an index");
    auto d = load_indexed(in, entry->id);
    if (!d)
      return std::move(d).error();
    found.push_back(*std::move(d));
  }
  if (!at)
    return std::move(at).error();
  std::sort(found.begin(), found.end(), [](const deployment& a, const deployment& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return found;
}

result<std::vector<version_record>> list_versions(const lmdb::transaction& in, std::string_view app,
                                                  std::size_t limit,
                                                  std::optional<version_number> before) {
  auto walk = in.walk(database::versions);
  if (!walk)
    return std::move(walk).error();
  std::vector<version_record> found;
  if (!is_storable_name(app) || limit == 0)
    return found;
  auto prefix = schema::terminated(app);
  // Four bytes of a number, and one more: after them all.
  auto end = before ? schema::version_key(app, *before) : prefix + std::string(5, '\xff');
  auto at = walk->before(end);
  for (; at && *at && (*at)->key.starts_with(prefix) && found.size() < limit;
       at = walk->previous()) {
    auto version = records::decode<version_record>((*at)->key, (*at)->value);
    if (!version)
      return std::move(version).error();
    found.push_back(*std::move(version));
  }
  if (!at)
    return std::move(at).error();
  return found;
}

result<version_record> find_version(const lmdb::transaction& in, std::string_view app,
                                    version_number number) {
  auto found = load<version_record>(in, database::versions, schema::version_key(app, number));
  if (!found)
    return std::move(found).error();
  if (!*found)
    return error{
        errc::not_found,
        fmt::format("app {} has no version {}: `pawl versions` lists them", app, to_string(number)),
        {{"app", std::string{app}}, {"version", to_string(number)}}};
  return **std::move(found);
}

result<std::vector<token_record>> list_tokens(const lmdb::transaction& in) {
  auto walk = in.walk(database::tokens);
  if (!walk)
    return std::move(walk).error();
  std::vector<token_record> found;
  auto at = walk->at_or_after({});
  for (; at && *at; at = walk->next())
    if (auto token = records::decode<token_record>((*at)->key, (*at)->value))
      found.push_back(*std::move(token));
  if (!at)
    return std::move(at).error();
  return found;
}

} // namespace pawl
