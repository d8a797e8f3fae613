#include "actors/supervision/server.hpp"

#include "actors/journal/auditor.hpp"
#include "actors/journal/journal.hpp"
#include "actors/journal/store_writer.hpp"
#include "actors/runtime/own_thread.hpp"
#include "actors/runtime/shared_actor.hpp"
#include "actors/session/key_keeper.hpp"
#include "actors/supervision/supervisor.hpp"
#include "actors/supervision/unserved_lanes.hpp"
#include "actors/workers/engine_caller.hpp"
#include "actors/workers/health_checker.hpp"
#include "actors/workers/route_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace pawl {

namespace {

// Those that the server begins with: without them it cannot start, and what is thrown ends it.
template <class Function, class... Arguments>
auto spawn_at_start(caf::actor_system& system, Function behaviour, Arguments&&... arguments) {
  auto made = spawn_with_thread(system, behaviour, std::forward<Arguments>(arguments)...);
  if (!made)
    throw std::system_error{EAGAIN, std::generic_category()};
  return std::move(*made);
}

std::vector<std::string> addresses_as_urls(const std::vector<instance>& instances) {
  std::vector<std::string> urls;
  for (const auto& one : instances)
    urls.push_back(fmt::format("http://{}", one.address));
  return urls;
}

// The kind of engine that has the instances of a lane whose cluster is not configured. They do not
// say it, but the version does that they are of; without one there are none.
std::string engine_of_unserved(const server_parts& parts, const lane_key& lane) {
  std::vector<deployment> candidates;
  if (parts.engines.size() > 1) {
    if (auto unfinished = parts.records->unfinished(lane))
      candidates = *std::move(unfinished);
    if (const auto record = parts.records->lane(lane); record && record->active)
      if (auto active = parts.records->find(*record->active))
        candidates.push_back(*std::move(active));
  }
  for (const auto& one : candidates)
    if (one.version)
      if (const auto version = parts.records->version(lane.app, *one.version);
          version && parts.engines.contains(version->engine))
        return version->engine;
  return parts.engines.begin()->first;
}

} // namespace

const cluster_settings* served_cluster(const server_parts& parts, std::string_view name) {
  auto found = std::find_if(parts.clusters.begin(), parts.clusters.end(), [&](const auto& one) {
    return one.name == name && parts.engines.contains(one.engine);
  });
  return found == parts.clusters.end() ? nullptr : &*found;
}

cluster_settings settings_of_lane(const server_parts& parts, const lane_key& lane) {
  if (const auto* served = served_cluster(parts, lane.cluster))
    return *served;
  cluster_settings ending;
  ending.name = lane.cluster;
  ending.warm = duration::zero();
  ending.engine = engine_of_unserved(parts, lane);
  return ending;
}

engine_caller_actor spawn_engine_caller(caf::actor_system& system, const server_parts& parts,
                                        const std::shared_ptr<unsettled_instances>& unsettled,
                                        const std::string& engine) {
  return present_or_absent(system,
                           spawn_with_thread(system, engine_caller, parts.engines.at(engine),
                                             parts.sources, parts.probe, unsettled));
}

lane_parts parts_of_lane(caf::actor_system& system, const lane_key& lane,
                         const std::shared_ptr<const server_parts>& parts,
                         const server_actors& actors) {
  lane_parts made;
  made.cluster = settings_of_lane(*parts, lane);
  if (served_cluster(*parts, lane.cluster) == nullptr)
    made.unserved = ended_unserved(*parts, lane.cluster);
  made.records = parts->records;
  made.engine = parts->engines.at(made.cluster.engine);
  made.sources = parts->sources;
  made.writer = actors.writer;
  made.routes = actors.routes;
  made.supervisor = actors.supervisor;
  made.watches = actors.watches;
  made.freezes = actors.freezes;
  made.idle = parts->lane_idle;
  made.now = parts->now;
  made.new_id = parts->new_id;
  made.upload_bytes_max = parts->upload_bytes_max;
  made.upload_timeout = parts->upload_timeout;
  made.queued_max = parts->queued_max;
  made.make_source_worker = [&system, parts](const lane_reports_actor& owner) {
    return spawn_with_thread(system, source_worker, parts->sources, parts->read_manifest,
                             parts->find_settings, owner);
  };
  made.make_build_worker = [&system, parts, engine = made.engine, writer = actors.writer,
                            slots = actors.slots] {
    return present_or_absent(
        system, spawn_with_thread(system, build_worker,
                                  build_worker_parts{engine, slots, writer, parts->now}));
  };
  made.unsettled = actors.unsettled;
  made.make_caller = [&system, parts, unsettled = actors.unsettled, engine = made.cluster.engine] {
    return spawn_engine_caller(system, *parts, unsettled, engine);
  };
  made.make_activation_worker = [&system, make_caller = made.make_caller,
                                 engine = made.engine](const lane_reports_actor& owner) {
    exit_watch watch = [engine](const std::string& name, std::function<void(instance)> on_exit) {
      engine->watch(name, std::move(on_exit));
    };
    return system.spawn(activation_worker, make_caller, std::move(watch), owner);
  };
  made.make_health_checker = [&system,
                              make_caller = made.make_caller](const lane_reports_actor& owner) {
    return system.spawn(health_checker, make_caller, owner);
  };
  made.upload_places = actors.upload_places;
  made.warm = actors.warm;
  made.urls = [parts](const lane_key& key, const std::vector<instance>& instances) {
    auto urls = parts->router->urls(key);
    return urls.empty() ? addresses_as_urls(instances) : urls;
  };
  made.hosts = [parts](const lane_key& key) { return parts->router->hosts(key); };
  return made;
}

server_actors spawn_server(caf::actor_system& system, std::shared_ptr<const server_parts> parts) {
  server_actors made;
  std::vector<shared_actor> shared;
  auto share = [&](std::string name, auto make) {
    auto erased = [make] { return caf::actor_cast<caf::strong_actor_ptr>(make()); };
    shared.emplace_back(system, std::move(name), erased);
    return shared.back().address<decltype(make())>();
  };
  made.journal = share("journal", [&system] { return system.spawn(journal); });
  made.tokens = std::make_shared<known_tokens>();
  if (auto all = parts->records->tokens()) // before anybody can connect
    made.tokens->reload(*all);
  made.freezes = std::make_shared<present_freezes>();
  made.freezes->load(*parts->records);
  made.connections = std::make_shared<user_connections>(parts->connections_of_users);
  made.writer = share("store writer", [&system, parts, told = made.journal, tokens = made.tokens,
                                       freezes = made.freezes] {
    return spawn_at_start(system, store_writer, parts->records, told, tokens, freezes);
  });
  made.auditor = share("auditor", [&system, parts, writer = made.writer] {
    return system.spawn(auditor, auditor_parts{writer, parts->now, parts->audit_keep});
  });
  if (parts->issuers && !parts->access.issuers.empty())
    made.keys = share("key keeper", [&system, parts] {
      return system.spawn(key_keeper, key_keeper_parts{parts->issuers, parts->access.issuers,
                                                       parts->now, parts->log});
    });
  made.routes =
      share("route keeper", [&system, parts, routes = std::make_shared<confirmed_routes>()] {
        return spawn_at_start(system, route_keeper, parts->router, parts->records, routes);
      });
  made.unsettled = std::make_shared<unsettled_instances>();
  for (const auto& [kind, target] : parts->engines)
    made.log_readers[kind] = share("log reader", [&system, parts, target = target,
                                                  unsettled = made.unsettled] {
      return spawn_at_start(system, engine_caller, target, parts->sources, parts->probe, unsettled);
    });
  made.slots = std::make_shared<build_slots>(limits::builds_at_once);
  made.upload_places = std::make_shared<upload_slots>(limits::uploads_at_once);
  made.watches = std::make_shared<service_watches>();
  made.warm = std::make_shared<warm_places>();
  made.supervisor = system.spawn(supervisor, parts, made, std::move(shared));
  caf::actor_cast<caf::abstract_actor*>(made.supervisor)
      ->attach_functor([parts](const caf::error& why) {
        if (parts->give_up)
          parts->give_up(fmt::format("the supervisor stopped ({})", caf::to_string(why)));
      });
  return made;
}

} // namespace pawl
