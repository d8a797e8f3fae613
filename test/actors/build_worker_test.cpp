// Build workers, and what they share, on threads of their own: with the server's scheduler.
#include "actors/lane/deployment_actor.hpp"
#include "actors/runtime/own_thread.hpp"
#include "actors/runtime/server_scheduler.hpp"
#include "actors/supervision/server.hpp"
#include "actors/supervision/supervisor.hpp"
#include "test/support/eventually.hpp"
#include "test/support/fake_world.hpp"
#include "test/support/journal_events.hpp"
#include "test/support/memory_store.hpp"
#include "test/support/print.hpp"

#include <caf/actor_registry.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <boost/test/unit_test.hpp>

#include <latch>
#include <thread>

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// An engine whose builds last until they are let go or stopped.
struct slow_engine : fake_engine {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::size_t inside = 0;
  std::size_t most_inside = 0;
  std::size_t allowed = 0; // to end

  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override {
    sink("stdout", "begin " + job.deployment);
    std::unique_lock lock{mutex};
    most_inside = std::max(most_inside, ++inside);
    changed.notify_all();
    bool ends = changed.wait_for(lock, stop, patience, [this] { return allowed > 0; });
    --inside;
    changed.notify_all();
    if (!ends)
      return error{errc::cancelled, "stopped", {}};
    --allowed;
    return {};
  }

  // Whether it comes to be within the test's patience.
  bool comes_to(const std::function<bool()>& what) {
    std::unique_lock lock{mutex};
    return changed.wait_for(lock, patience, what);
  }

  void allow(std::size_t builds) {
    std::lock_guard lock{mutex};
    allowed += builds;
    changed.notify_all();
  }
};

struct threads_config : caf::actor_system_config {
  threads_config() { set_up_scheduling(*this); }
};

struct threads_fixture {
  threads_config config;
  caf::actor_system system{config};
  std::shared_ptr<memory_store> records = std::make_shared<memory_store>();
  std::shared_ptr<fake_world> world = std::make_shared<fake_world>();
  std::shared_ptr<slow_engine> slow = std::make_shared<slow_engine>();
  std::shared_ptr<server_parts> parts = make_parts();
  server_actors actors = spawn_server(system, parts);
  std::vector<build_worker_actor> workers;

  ~threads_fixture() {
    slow->allow(1000);
    for (const auto& worker : workers)
      caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(actors.supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(actors.writer, caf::exit_reason::kill);
    caf::anon_send_exit(actors.routes, caf::exit_reason::kill);
    caf::anon_send_exit(actors.journal, caf::exit_reason::kill);
  }

  std::shared_ptr<server_parts> make_parts() {
    auto made = std::make_shared<server_parts>();
    made->records = records;
    made->sources = world->sources;
    made->router = world->router;
    made->probe = world->probe;
    made->engines["process"] = world->engine;
    made->engines["slow"] = slow;
    made->clusters = {cluster_settings{}};
    made->read_manifest = [this](std::string_view, const std::optional<std::string>&) {
      return world->manifest_answer;
    };
    made->now = [this] { return world->wall; };
    made->new_id = [] { return make_deployment_id({}, 1); };
    made->log = [](std::string_view) {};
    return made;
  }

  build_job job(std::uint64_t number) {
    deployment draft;
    draft.id = make_deployment_id({}, number);
    draft.app = "app-" + std::to_string(number);
    draft.cluster = "local";
    draft.request_id = "r-" + std::to_string(number);
    change wanted;
    wanted.deployments.push_back(*begin(draft, state::preparing, world->wall));
    auto stored = records->commit(std::span{&wanted, 1});
    BOOST_REQUIRE(stored.front().has_value());
    return {draft.id, draft.app, "source", fake_world::simple_manifest()};
  }

  build_worker_actor worker(const std::shared_ptr<engine>& target,
                            const std::shared_ptr<build_slots>& slots) {
    workers.push_back(*spawn_with_thread(
        system, build_worker,
        build_worker_parts{target, slots, actors.writer, [] { return timestamp{}; }}));
    return workers.back();
  }

  std::vector<std::string> lines_of(const std::string& id) const {
    std::vector<std::string> lines;
    auto page = records->journal(id, 1, limits::mib);
    BOOST_REQUIRE(page.has_value());
    for (const auto& one : events_of(*page))
      if (const auto* line = std::get_if<log_event>(&one.body))
        lines.push_back(line->line);
    return lines;
  }

  // Asks in a thread of the asker's own, and says how it ended.
  std::jthread asks(const build_worker_actor& whom, const build_order& order,
                    std::optional<result<done>>& answer) {
    return std::jthread{[this, whom, order, &answer] {
      caf::scoped_actor asker{system};
      asker->request(whom, patience, order)
          .receive([&](result<done>& got) { answer = std::move(got); }, [](const caf::error&) {});
    }};
  }

  bool comes_to(const std::function<bool()>& what) {
    auto end = std::chrono::steady_clock::now() + patience;
    while (!what()) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      std::this_thread::yield();
    }
    return true;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(build_workers, threads_fixture)

BOOST_AUTO_TEST_CASE(lines_reach_the_store_in_their_order_before_the_answer) {
  auto work = job(1);
  for (int i = 0; i < 3000; ++i)
    world->engine->lines.push_back(std::to_string(i));
  std::optional<result<done>> answer;
  asks(worker(world->engine, actors.slots), {work, {}}, answer).join();
  BOOST_REQUIRE((answer && answer->has_value()));
  std::vector<std::string> lines;
  for (std::uint64_t from = 1;;) {
    auto page = records->journal(work.deployment, from, limits::journal_page_bytes);
    for (const auto& one : events_of(*page))
      lines.push_back(std::get<log_event>(one.body).line);
    from += page->events.size();
    if (page->complete)
      break;
  }
  BOOST_TEST(lines == world->engine->lines, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_line_is_in_the_journal_while_the_build_is_silent) {
  auto work = job(1);
  std::optional<result<done>> answer;
  auto asking = asks(worker(slow, actors.slots), {work, {}}, answer);
  BOOST_TEST(comes_to([&] { return lines_of(work.deployment).size() == 1u; }));
  BOOST_TEST(!answer.has_value());
  slow->allow(1);
  asking.join();
  BOOST_TEST((answer && answer->has_value()));
}

BOOST_AUTO_TEST_CASE(a_build_that_failed_carries_its_last_lines) {
  auto work = job(1);
  world->engine->lines = {"make: all", "make: error 2"};
  world->engine->failures["build"] = {errc::build_failed, "make: exit status 2", {}};
  std::optional<result<done>> answer;
  asks(worker(world->engine, actors.slots), {work, {}}, answer).join();
  BOOST_REQUIRE((answer && !answer->has_value()));
  BOOST_TEST(answer->error().details.at("log") == "make: all\nmake: error 2");
}

BOOST_AUTO_TEST_CASE(only_so_many_builds_run_at_once) {
  auto slots = std::make_shared<build_slots>(2);
  std::vector<std::optional<result<done>>> answers(4);
  std::vector<std::jthread> asking;
  for (std::size_t i = 0; i < answers.size(); ++i)
    asking.push_back(asks(worker(slow, slots), {job(i + 1), {}}, answers[i]));
  BOOST_TEST(slow->comes_to([&] { return slow->inside == 2; }));
  slow->allow(4);
  for (auto& one : asking)
    one.join();
  for (const auto& answer : answers)
    BOOST_TEST((answer && answer->has_value()));
  BOOST_TEST(slow->most_inside == 2u);
}

BOOST_AUTO_TEST_CASE(a_build_that_is_stopped_gives_its_slot_back) {
  auto slots = std::make_shared<build_slots>(1);
  std::optional<result<done>> first;
  std::optional<result<done>> second;
  std::stop_source stop;
  auto asking = asks(worker(slow, slots), {job(1), stop.get_token()}, first);
  BOOST_TEST(slow->comes_to([&] { return slow->inside == 1; }));
  auto waiting = asks(worker(slow, slots), {job(2), {}}, second);
  stop.request_stop();
  asking.join();
  BOOST_REQUIRE((first && !first->has_value()));
  BOOST_TEST(first->error().code == errc::cancelled);
  slow->allow(1);
  waiting.join();
  BOOST_TEST((second && second->has_value()));
}

BOOST_AUTO_TEST_CASE(a_stop_while_waiting_for_a_slot_ends_the_wait_and_takes_no_slot) {
  auto slots = std::make_shared<build_slots>(1);
  std::stop_source first_stop;
  BOOST_REQUIRE(slots->acquire(first_stop.get_token()));
  std::optional<result<done>> answer;
  std::stop_source stop;
  auto waiting = asks(worker(slow, slots), {job(1), stop.get_token()}, answer);
  stop.request_stop();
  waiting.join();
  BOOST_REQUIRE((answer && !answer->has_value()));
  BOOST_TEST(answer->error().code == errc::cancelled);
  BOOST_TEST(slow->most_inside == 0u);
  slots->release();
  std::stop_source last;
  BOOST_TEST(slots->acquire(last.get_token()));
}

// A power failure may have taken what the record says was built.
BOOST_AUTO_TEST_CASE(a_push_of_what_is_not_there_builds_it_again) {
  auto work = job(1);
  caf::scoped_actor asker{system};
  std::optional<result<artifact>> pushed;
  asker->request(worker(world->engine, actors.slots), patience, push_order{work, {}})
      .receive([&](result<artifact>& got) { pushed = std::move(got); }, [](const caf::error&) {});
  BOOST_REQUIRE((pushed && pushed->has_value()));
  BOOST_TEST(world->engine->built.contains(work.deployment));
}

// Detached actors too: a lane that dies leaves no thread behind.
BOOST_AUTO_TEST_CASE(hands_and_workers_end_with_their_lane) {
  parts->clusters.front().engine = "slow";
  caf::scoped_actor asker{system};
  auto before = system.registry().running();
  auto made = parts_of_lane(system, {"shop", "local"}, parts, actors);
  auto lane = system.spawn(deployment_lane, lane_key{"shop", "local"}, made);
  caf::anon_send(lane, resume_lane{});
  start_deploy what;
  what.request.request_id = "r1";
  what.request.app = "shop";
  what.request.source = {"sha256:" + std::string(64, 'a'), 10, 1};
  what.by = "ann";
  std::optional<result<admitted>> how;
  asker->request(lane, patience, what)
      .receive([&](result<admitted>& got) { how = std::move(got); }, [](const caf::error&) {});
  BOOST_REQUIRE((how && how->has_value()));
  asker
      ->request((*how)->uploads, patience,
                append_upload{(*how)->deployment.id, 0, std::vector<char>(10)})
      .receive([](const result<std::uint64_t>&) {}, [](const caf::error&) {});
  BOOST_TEST(slow->comes_to([&] { return slow->inside == 1; }));
  how.reset();
  caf::anon_send_exit(lane, caf::exit_reason::kill);
  lane = deployment_actor{};
  BOOST_TEST(slow->comes_to([&] { return slow->inside == 0; }));
  BOOST_TEST(comes_to([&] { return system.registry().running() <= before; }));
}

BOOST_AUTO_TEST_SUITE_END()
