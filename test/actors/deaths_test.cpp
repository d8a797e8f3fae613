// Any actor may die, by a kill or of an exception: it comes back, and what was in flight goes on.
#include "actors/lane/lane_core.hpp"
#include "test/actors/session_fixture.hpp"
#include "test/support/print.hpp"

using namespace pawl;
using namespace pawl::test;
using namespace std::chrono_literals;

namespace {

// Stores, and then its caller dies of it: nobody hears what was stored.
struct deadly_store : memory_store {
  std::optional<state> deadly = {}; // the commit of a move to it
  std::vector<result<receipt>> commit(std::span<const change> changes) override {
    auto outcomes = memory_store::commit(changes);
    for (const auto& one : changes)
      for (const auto& d : one.deployments)
        if (d.state == deadly) {
          deadly.reset();
          throw std::bad_alloc{};
        }
    return outcomes;
  }
};

struct deadly_engine : fake_engine {
  std::size_t deaths = 0; // of the next ones who build
  std::size_t release_deaths = 0;
  mutable std::size_t look_deaths = 0;
  std::vector<std::string> leftovers() const override {
    if (look_deaths > 0 && look_deaths-- > 0)
      throw std::bad_alloc{};
    return fake_engine::leftovers();
  }
  result<void> build(const build_job& job, const line_sink& sink, std::stop_token stop) override {
    if (deaths > 0 && deaths-- > 0)
      throw std::bad_alloc{};
    return fake_engine::build(job, sink, stop);
  }
  result<void> run_release(const instance_spec& spec, const line_sink& sink,
                           std::stop_token stop) override {
    if (release_deaths > 0 && release_deaths-- > 0)
      throw std::bad_alloc{};
    return fake_engine::run_release(spec, sink, stop);
  }
};

struct deadly_router : fake_router {
  std::size_t deaths = 0;
  bool switches_first = false;
  result<void> switch_to(const route& to) override {
    if (deaths == 0)
      return fake_router::switch_to(to);
    --deaths;
    if (switches_first)
      static_cast<void>(fake_router::switch_to(to));
    throw std::bad_alloc{};
  }
};

struct deaths_fixture : session_fixture {
  std::shared_ptr<deadly_store> store = std::make_shared<deadly_store>();
  std::shared_ptr<deadly_engine> engine = std::make_shared<deadly_engine>();
  std::shared_ptr<deadly_router> router = std::make_shared<deadly_router>();
  std::vector<std::string> gave_up;

  deaths_fixture() {
    records = store;
    world->engine = engine;
    world->router = router;
    parts->records = store;
    parts->engines["process"] = engine;
    parts->router = router;
    restart();
    greet();
    parts->give_up = [this](std::string_view why) { gave_up.emplace_back(why); };
  }

  ~deaths_fixture() { parts->give_up = {}; }

  void greet() {
    connect();
    say(1, protocol::hello{protocol::version, "pawl 0.1.0", {}});
    client->frames.clear();
  }

  template <class Handle>
  void kill(const Handle& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::kill);
    run();
  }

  void settle() {
    for (int i = 0; i < 20; ++i)
      advance(1s);
  }

  std::size_t routed(const std::string& app, const std::string& to) const {
    auto found = router->routes.find({app, "local"});
    return found == router->routes.end() || found->second.deployment != to
               ? 0
               : found->second.addresses.size();
  }

  // The numbers of the events that the client was sent, and whether it was told of the end.
  std::vector<std::uint64_t> seen(bool& ended) const {
    std::vector<std::uint64_t> numbers;
    for (const auto& frame : client->frames) {
      if (const auto* some = std::get_if<protocol::events>(&frame.body))
        for (const auto& one : some->list)
          numbers.push_back(one.seq);
      ended |= std::holds_alternative<protocol::followed>(frame.body);
    }
    return numbers;
  }

  void check_followed(const std::string& id) {
    bool ended = false;
    auto numbers = seen(ended);
    BOOST_TEST(ended);
    BOOST_TEST(numbers.size() ==
               records->journal(id, 1, limits::journal_page_bytes)->events.size());
    for (std::size_t i = 0; i < numbers.size(); ++i)
      BOOST_TEST(numbers[i] == i + 1);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(deaths, deaths_fixture)

BOOST_AUTO_TEST_CASE(a_follower_misses_nothing_when_the_journal_dies) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  say(5, protocol::follow_request{how->deployment.id, 1, limits::event_credit});
  kill(actors.journal);
  kill(actors.journal); // the next one, at once: it stays away for a moment
  send_source(*how);
  settle();
  BOOST_TEST(state_of(how->deployment.id) == state::active);
  check_followed(how->deployment.id);
}

BOOST_AUTO_TEST_CASE(what_the_writer_stored_when_it_died_is_found_and_told) {
  for (auto deadly : {state::preparing, state::building, state::activating, state::active}) {
    auto id = std::string{to_string(deadly)};
    client->frames.clear();
    if (deadly == state::preparing) {
      store->deadly = deadly;
      auto how = ask<result<admitted>>(lane(), request(id));
      BOOST_TEST(!how.has_value());
      settle();
      // The same request again finds what was stored.
      auto again = ask<result<admitted>>(lane(), request(id));
      BOOST_REQUIRE(again.has_value());
      send_source(*again);
      settle();
      BOOST_TEST(state_of(again->deployment.id) == state::active);
      continue;
    }
    auto how = ask<result<admitted>>(lane(), request(id));
    say(5, protocol::follow_request{how->deployment.id, 1, limits::event_credit});
    store->deadly = deadly;
    send_source(*how);
    settle();
    BOOST_TEST(state_of(how->deployment.id) == state::active, id);
    BOOST_TEST(routed("shop", how->deployment.id) == 1u);
    check_followed(how->deployment.id);
  }
}

BOOST_AUTO_TEST_CASE(a_writer_that_dies_with_changes_in_hand_answers_each_of_them) {
  auto how = ask<result<admitted>>(lane(), request("r1"));
  auto other = request("b1");
  other.request.app = "blog";
  store->deadly = state::preparing;
  auto pending = later<result<admitted>>(lane("blog"), other);
  auto said = take<result<admitted>>(pending); // without waiting for any timeout
  BOOST_REQUIRE(!said.has_value());
  BOOST_TEST(said.error().code == errc::unavailable);
}

// Seeds 5559 and 7766: what a dead lane had still to remove stayed until the next start.
BOOST_AUTO_TEST_CASE(what_nobody_owns_is_looked_for_again_when_the_look_dies) {
  engine->built = {"0123456789abcdef"};
  engine->look_deaths = 2;
  kill(lane());
  settle();
  BOOST_TEST(engine->look_deaths == 0u);
  BOOST_TEST(engine->built.empty());
}

BOOST_AUTO_TEST_CASE(a_switch_goes_on_when_the_route_keeper_dies_of_it) {
  auto first = deploy("r1");
  settle();
  for (auto switches_first : {false, true}) {
    router->deaths = 1;
    router->switches_first = switches_first;
    auto second = deploy(switches_first ? "r3" : "r2");
    settle();
    BOOST_TEST(router->deaths == 0u);
    BOOST_TEST(state_of(second.id) == state::active);
    BOOST_TEST(routed("shop", second.id) == 1u);
  }
  BOOST_TEST(state_of(first.id) == state::retired);
}

// The next keeper knows the routes of all lanes, also of those that it was never asked for.
BOOST_AUTO_TEST_CASE(the_routes_of_all_lanes_outlive_the_route_keeper) {
  auto shop = deploy("r1");
  auto wanted = request("b1");
  wanted.request.app = "blog";
  auto blog = ask<result<admitted>>(lane("blog"), wanted);
  send_source(*blog);
  settle();
  kill(actors.routes);
  settle();
  router->routes.clear();
  router->on_death();
  settle();
  BOOST_TEST(routed("shop", shop.id) == 1u);
  BOOST_TEST(routed("blog", blog->deployment.id) == 1u);
}

BOOST_AUTO_TEST_CASE(logs_are_read_on_when_their_reader_has_died) {
  auto d = deploy("r1");
  settle();
  auto name = d.id + "-1";
  say(5, protocol::logs_request{"shop", "local", 3, true, limits::event_credit});
  client->frames.clear();
  kill(actors.log_readers.at("process"));
  kill(actors.log_readers.at("process"));
  engine->print(name, "still here");
  settle();
  bool seen = false;
  for (const auto& frame : client->frames)
    if (const auto* page = std::get_if<protocol::log_lines>(&frame.body))
      seen |= page->lines == std::vector<std::string>{"still here"};
  BOOST_TEST(seen);
}

BOOST_AUTO_TEST_CASE(one_that_dies_again_and_again_stays_away_ever_longer) {
  auto absence = [this] {
    kill(actors.writer);
    auto waited = 0ms;
    auto answers = [this] {
      bool known = false;
      auto pending = later<result<receipt>>(actors.writer, change{});
      pending.receive([&](const result<receipt>&) { known = true; }, [](const caf::error&) {});
      return known;
    };
    for (; !answers() && waited < limits::restart_backoff_max; waited += 50ms)
      advance(50ms);
    return waited;
  };
  advance(2 * limits::restart_backoff_max);
  BOOST_TEST(absence() == 0ms);
  BOOST_TEST(absence() == limits::restart_backoff_first);
  BOOST_TEST(absence() == (2 * limits::restart_backoff_first));
}

BOOST_AUTO_TEST_CASE(the_death_of_the_supervisor_ends_the_server) {
  deploy("r1");
  BOOST_TEST(gave_up.empty());
  kill(actors.supervisor);
  BOOST_TEST(gave_up.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_step_whose_worker_died_is_done_by_another) {
  engine->deaths = limits::worker_deaths_max - 1;
  auto d = deploy("r1");
  settle();
  BOOST_TEST(state_of(d.id) == state::active);
}

BOOST_AUTO_TEST_CASE(a_step_whose_workers_die_again_and_again_fails) {
  engine->deaths = limits::worker_deaths_max;
  auto d = deploy("r1");
  settle();
  BOOST_TEST(state_of(d.id) == state::failed);
  BOOST_TEST(record(d.id).error->code == errc::internal);
  BOOST_TEST(engine->deaths == 0u);
}

BOOST_AUTO_TEST_CASE(a_release_command_whose_worker_died_does_not_run_again) {
  world->manifest_answer->release.command = "./migrate";
  engine->release_deaths = 1;
  auto d = deploy("r1");
  settle();
  BOOST_TEST(state_of(d.id) == state::failed);
}

// Else nobody would notice that the instance turns unhealthy.
BOOST_AUTO_TEST_CASE(checks_go_on_when_a_checker_has_died) {
  auto d = deploy("r1");
  advance(2s);
  BOOST_TEST_REQUIRE(state_of(d.id) == state::active);
  auto& now = state_of_actor<deployment_actor_state>(lane()).lane();
  kill(now.service().instances().front().checker);
  advance(1s);
  world->probe->all_sick = true;
  for (int i = 0; i < 5; ++i)
    advance(1s);
  auto view = ask<protocol::lane_view>(lane(), describe_lane{});
  BOOST_REQUIRE(view.instances.size() == 1u);
  BOOST_TEST(view.instances.front().state == "unhealthy");
}

BOOST_AUTO_TEST_SUITE_END()
