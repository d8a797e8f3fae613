// The whole server in one thread under CAF's deterministic scheduler: nothing runs until told, and
// time is moved by hand. The store is the one in memory; engine, router, probe and sources are
// fakes that keep their promises.
#pragma once

#include "actors/lane/deployment_actor.hpp"
#include "actors/supervision/server.hpp"
#include "test/support/fake_world.hpp"
#include "test/support/held_build_worker.hpp"
#include "test/support/memory_store.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace pawl::test {

struct deterministic_config : caf::actor_system_config {
  deterministic_config() { set("scheduler.policy", caf::atom("testing")); }
};

struct actor_fixture {
  using scheduler_type = caf::scheduler::test_coordinator;

  deterministic_config config;
  std::shared_ptr<memory_store> records = std::make_shared<memory_store>();
  std::shared_ptr<fake_world> world = std::make_shared<fake_world>();
  std::shared_ptr<held_builds> held = std::make_shared<held_builds>();
  caf::actor_system system{config};
  scheduler_type& scheduler = dynamic_cast<scheduler_type&>(system.scheduler());
  caf::scoped_actor self{system, true};
  std::shared_ptr<server_parts> parts = make_parts();
  server_actors actors = spawn_server(system, parts);

  actor_fixture() { recover(); }
  ~actor_fixture() { end(); }

  // Ends every actor: as a crash does, nothing is said to anyone.
  void end() {
    for (const auto& lane : lanes_)
      caf::anon_send_exit(lane, caf::exit_reason::kill);
    caf::anon_send_exit(actors.supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(actors.writer, caf::exit_reason::kill);
    caf::anon_send_exit(actors.routes, caf::exit_reason::kill);
    caf::anon_send_exit(actors.journal, caf::exit_reason::kill);
    caf::anon_send_exit(actors.auditor, caf::exit_reason::kill);
    if (actors.keys)
      caf::anon_send_exit(actors.keys, caf::exit_reason::kill);
    for (const auto& [kind, reader] : actors.log_readers)
      caf::anon_send_exit(reader, caf::exit_reason::kill);
    lanes_.clear();
    actors = {};
    held->end_all();
    own_lane_.reset();
    scheduler.run();
  }

  // A new server over the same store, engine and router.
  void restart() {
    end();
    actors = spawn_server(system, parts);
    recover();
  }

  void run() { scheduler.run(); }

  template <class Duration>
  void advance(Duration by) {
    world->wall += std::chrono::duration_cast<std::chrono::milliseconds>(by);
    scheduler.advance_time(by);
    scheduler.run();
  }

  // Asks, runs everything, and takes the answer that must have come.
  template <class Answer, class Handle, class Request>
  Answer ask(const Handle& whom, Request what) {
    auto pending = later<Answer>(whom, std::move(what));
    return take<Answer>(pending);
  }

  // Asks and runs everything; the answer may come later.
  template <class Answer, class Handle, class Request>
  auto later(const Handle& whom, Request what) {
    auto pending = self->request(whom, std::chrono::seconds{3600}, std::move(what));
    scheduler.run();
    return pending;
  }

  template <class Answer, class Pending>
  Answer take(Pending& pending) {
    std::optional<Answer> got;
    scheduler.run();
    pending.receive(
        [&](Answer& answer) { got = std::move(answer); },
        [](const caf::error& why) { BOOST_FAIL("no answer: " << caf::to_string(why)); });
    return std::move(*got);
  }

  // From here on the lane's builds are held until held->end_all().
  void hold_builds() {
    own_lane([this](lane_parts& made) {
      made.make_build_worker = [this] {
        return caf::actor_cast<build_worker_actor>(system.spawn(held_build_worker, held));
      };
    });
  }

  // From here on the lane works with parts that the test has changed. The supervisor does not know
  // it: another passes on what the engine says.
  void own_lane(const std::function<void(lane_parts&)>& change) {
    auto made = parts_of_lane(system, {"shop", "local"}, parts, actors);
    made.supervisor = caf::actor_cast<supervisor_actor>(
        system.spawn([this](caf::event_based_actor* it) -> caf::behavior {
          it->set_default_handler(caf::drop);
          return {[this](const instance_exited& what) {
            if (own_lane_)
              caf::anon_send(*own_lane_, what);
          }};
        }));
    change(made);
    own_lane_ = system.spawn(deployment_lane, lane_key{"shop", "local"}, made);
    lanes_.push_back(*own_lane_);
    caf::anon_send(*own_lane_, resume_lane{*world->engine->list()});
    scheduler.run();
  }

  // An actor that takes everything and answers nothing.
  template <class Handle>
  Handle silent() {
    return caf::actor_cast<Handle>(system.spawn([](caf::event_based_actor* it) -> caf::behavior {
      it->set_default_handler(caf::skip);
      return {[](const caf::open_stream_msg&) {}};
    }));
  }

  // How many actors live: what a test has begun is gone when it is as low as before.
  std::size_t running() { return system.registry().running(); }

  // The state of a stateful actor, where no message tells what is to be proved.
  template <class State, class Handle>
  static State& state_of_actor(const Handle& whom) {
    using pointer = asking_pointer<Handle, State>;
    return static_cast<pointer>(caf::actor_cast<caf::abstract_actor*>(whom))->state;
  }

  deployment_actor lane(const std::string& app = "shop", const std::string& cluster = "local") {
    if (own_lane_)
      return *own_lane_;
    auto found = ask<result<lane_requests_actor>>(actors.supervisor, find_lane{{app, cluster}});
    BOOST_REQUIRE(found.has_value());
    auto whole = caf::actor_cast<deployment_actor>(*found);
    if (std::find(lanes_.begin(), lanes_.end(), whole) == lanes_.end())
      lanes_.push_back(whole);
    return whole;
  }

  // A request for a deployment of a source of `bytes` bytes, that no other request has.
  static start_deploy request(std::string request_id, std::optional<when_busy> policy = {},
                              std::uint64_t bytes = 100) {
    start_deploy what;
    what.request.source = {fmt::format("sha256:{:064x}", std::hash<std::string>{}(request_id)),
                           bytes, 1};
    what.request.request_id = std::move(request_id);
    what.request.app = "shop";
    what.request.cluster = "local";
    what.request.when_busy = policy;
    what.by = "ann";
    return what;
  }

  // Admits a deployment and sends all of its source.
  deployment deploy(const std::string& request_id, std::optional<when_busy> policy = {}) {
    auto how = ask<result<admitted>>(lane(), request(request_id, policy));
    BOOST_REQUIRE(how.has_value());
    send_source(*how);
    return how->deployment;
  }

  void send_source(const admitted& how) {
    auto reached = ask<result<std::uint64_t>>(
        how.uploads, append_upload{how.deployment.id, how.upload_offset,
                                   std::vector<char>(100 - how.upload_offset, 'x')});
    BOOST_REQUIRE(reached.has_value());
  }

  deployment record(const std::string& id) const {
    auto found = records->find(id);
    BOOST_REQUIRE(found.has_value());
    return *found;
  }

  state state_of(const std::string& id) const { return record(id).state; }

  // The states that a deployment went through, as one line.
  std::string path_of(const std::string& id) const {
    std::string path;
    for (const auto& step : record(id).transitions)
      path += (path.empty() ? "" : " ") + std::string{to_string(step.state)};
    return path;
  }

  void recover() {
    auto answer = ask<result<done>>(actors.supervisor, begin_recovery{});
    BOOST_REQUIRE(answer.has_value());
  }

protected:
  std::uint64_t ids_ = 0; // the latest deployment's number

private:
  std::shared_ptr<server_parts> make_parts() {
    auto made = std::make_shared<server_parts>();
    made->records = records;
    made->sources = world->sources;
    made->router = world->router;
    made->probe = world->probe;
    made->engines["process"] = world->engine;
    made->clusters = {cluster_settings{}};
    made->clusters.front().warm = {}; // warm_test.cpp has them
    made->read_manifest = [this](std::string_view, const std::optional<std::string>&) {
      return world->manifest_answer;
    };
    made->now = [this] { return world->wall; };
    made->new_id = [this] { return make_deployment_id({}, ++ids_); };
    made->log = [](std::string_view) {};
    made->access.own_uid = 1000; // of the sessions' client
    made->new_token = [this] { return make_token({static_cast<std::uint8_t>(++tokens_)}); };
    return made;
  }

  unsigned tokens_ = 0;
  std::optional<deployment_actor> own_lane_;
  std::vector<deployment_actor> lanes_;
};

} // namespace pawl::test
