#include "test/simulation/life.hpp"

#include "lifecycle/processes.hpp"

#include "test/support/memory_store.hpp"

#include <caf/actor_registry.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <fmt/ranges.h>

namespace pawl::test {

using namespace std::chrono_literals;

namespace {

constexpr duration drain = 5s;
constexpr duration settling = 40min; // of virtual time, for all that is queued, one after another

std::vector<cluster_settings> clusters(dice& random, dice& pace) {
  std::vector<cluster_settings> all(2);
  all[0].name = "local";
  all[1].name = "staging";
  for (auto& one : all) {
    one.drain = drain;
    one.watch_period = pace.one_of(std::vector<duration>{0s, 5s, limits::watch_period});
    one.warm = pace.one_of(std::vector<duration>{0s, 15s, limits::warm});
    one.warm_memory = one.memory_bytes * pace.below(5);
    one.when_busy = static_cast<when_busy>(random.below(3));
  }
  return all;
}

result<manifest> read_plan(std::string_view digest) {
  if (digest.empty())
    return error{errc::invalid_argument, "nothing says how to start the app", {}};
  auto plan = plan_of(digest);
  manifest settings;
  settings.build.command = "make";
  settings.run.command = "./app";
  settings.run.instances = plan.instances;
  settings.health.path = "/";
  settings.health.deadline = 20s;
  if (plan.has_release)
    settings.release.command = "./migrate";
  if (plan.workers > 0)
    settings.processes = {{"worker", "./work", plan.workers}};
  settings.deploy.replaces = plan.replaces;
  return settings;
}

} // namespace

life::life(life_options options)
    : options_(std::move(options)), machine_(options_.seed, options_.tracing),
      below_(std::make_shared<memory_store>()), record_checker_(machine_, *below_),
      effect_checker_(machine_, *below_, record_checker_, drain),
      records_(
          std::make_shared<simulated_store>(machine_, below_, record_checker_, options_.commit)),
      engine_(std::make_shared<simulated_engine>(machine_, effect_checker_)),
      router_(std::make_shared<simulated_router>(machine_, effect_checker_)),
      sources_(std::make_shared<simulated_sources>(machine_)),
      parts_(make_parts()), clients_world_{machine_, record_checker_,
                                           [this](auto receive, auto lost) {
                                             return connect(std::move(receive), std::move(lost));
                                           }} {
  machine_.sky = options_.sky ? *options_.sky : any_weather(machine_.random);
  if (!options_.sky && machine_.random.chance(0.05))
    machine_.sky = calm();
  fair_ = machine_.sky == calm() && options_.failing_call == 0;
  machine_.fail_call(options_.failing_call);
}

life::~life() {
  bury_server();
}

std::shared_ptr<server_parts> life::make_parts() {
  auto made = std::make_shared<server_parts>();
  made->records = records_;
  made->sources = sources_;
  made->router = router_;
  made->probe = std::make_shared<simulated_probe>(machine_, *engine_, effect_checker_);
  made->engines["process"] = engine_;
  dice pace{~options_.seed};
  made->clusters = clusters(machine_.random, pace);
  made->read_manifest = [](std::string_view text, const std::optional<std::string>&) {
    return read_plan(text);
  };
  made->access.own_uid = 1000; // of the simulated clients
  made->now = [this] { return machine_.wall(); };
  made->new_id = [this] { return make_deployment_id({}, ++ids_); };
  made->log = [this](std::string_view line) { machine_.note(line); };
  // Short ones, so that lanes come to rest, and are brought back, in the midst of it all.
  made->lane_idle = pace.one_of(std::vector<duration>{100ms, 3s, limits::lane_idle});
  made->give_up = [this](std::string_view why) { machine_.crash(why); };
  if (options_.back_and_forth)
    for (auto& one : made->clusters) {
      one.warm = limits::warm;
      one.warm_memory = limits::warm_memory * 8;
      one.when_busy = when_busy::queue;
    }
  if (options_.change_parts)
    options_.change_parts(*made);
  return made;
}

void life::start_server() {
  machine_.note("the server starts");
  machine_.boot_server();
  buried_ = false;
  actors_ = spawn_server(machine_.system(), parts_);
  // Builds wait for no slot: that would block the one thread that there is.
  for (int i = 0; i < 1000; ++i)
    actors_.slots->release();
  auto listener = machine_.system().spawn([this](caf::event_based_actor* self) {
    self->request(actors_.supervisor, limits::recovery_timeout, begin_recovery{})
        .then([this](const result<done>& how) { recovered(how); },
              [this](const caf::error&) {
                recovered(error{errc::timed_out, "no answer", {}});
              });
  });
  machine_.spare(listener.address());
  helpers_.push_back(std::move(listener));
}

// A server that cannot recover ends; its supervisor starts it again.
void life::recovered(const result<done>& how) {
  if (!machine_.server_runs())
    return;
  if (!how)
    return machine_.crash("it cannot recover: " + how.error().message);
  machine_.note("the server listens");
  listens_ = true;
  record_checker_.check_all();
}

// A process that ends leaves nothing in memory, and nothing that still runs.
void life::bury_server() {
  machine_.crash("at the end");
  buried_ = true;
  listens_ = false;
  for (const auto& client : clients_)
    client->lose_connection();
  end_actors();
  machine_.drop_timers();
  machine_.drain();
  engine_->lose_server();
  router_->lose_server();
  if (auto left = machine_.system().registry().running(); left > 0)
    machine_.violate(fmt::format("{} actors are left of a server that has ended", left));
}

void life::end_actors() {
  for (const auto& one : std::exchange(helpers_, {}))
    caf::anon_send_exit(one, caf::exit_reason::kill);
  caf::anon_send_exit(actors_.supervisor, caf::exit_reason::kill);
  actors_ = {};
  machine_.drain();
}

void life::every_second() {
  if (calm_)
    return;
  auto& random = machine_.random;
  const auto& sky = machine_.sky;
  for (const auto& [name, one] : engine_->instances())
    if (random.chance(sky.instance_dies)) {
      engine_->die(name);
      break;
    }
  if (router_->alive() && random.chance(sky.router_dies))
    router_->die();
  if (random.chance(sky.clock_jumps)) {
    machine_.count("jumps of the wall clock");
    machine_.shift_wall(random.between(-48h, 48h));
  }
  for (const auto& client : clients_) {
    if (random.chance(sky.connection_breaks))
      client->lose_connection();
    if (random.chance(sky.client_leaves / 100))
      client->leave();
  }
  machine_.after(1s, [this] { every_second(); });
}

life_report life::run() {
  plan_clients();
  start_server();
  every_second();
  run_until(machine_.random.between(30s, 3min), [] { return false; });
  machine_.note("calm");
  machine_.sky = calm();
  calm_ = true;
  engine_->heal();
  settle();
  for (auto times = machine_.random.below(4); times > 0 && sound(); --times) {
    disturb_rest();
    settle();
  }
  if (sound())
    check_outcomes();
  bury_server();
  return {options_.seed,     machine_.violations(), machine_.counts(),
          machine_.digest(), machine_.text(),       machine_.call_has_failed()};
}

void life::settle() {
  auto end = machine_.now() + settling;
  if (!run_until(end, [this] { return unrest().empty(); }) && sound())
    for (const auto& why : unrest())
      machine_.violate("I5: it does not settle: " + why);
}

// All lanes rest, and nothing else happens: an actor that is needed now has to be started again.
void life::disturb_rest() {
  auto& random = machine_.random;
  auto lanes = *below_->lanes({}, {});
  std::vector<std::string> instances;
  for (const auto& [name, one] : engine_->instances())
    instances.push_back(name);
  auto what = random.below(3);
  if (what == 0) {
    machine_.count("crashes at rest");
    machine_.crash("at rest");
  } else if (what == 1 && !instances.empty()) {
    machine_.count("ends of instances at rest");
    engine_->die(random.one_of(instances));
  } else if (!lanes.empty()) {
    machine_.count("requests at rest");
    add_client({}, any_errand(random.one_of(lanes).lane));
  }
}

bool life::run_until(duration end, const std::function<bool()>& enough) {
  auto looked = machine_.now();
  while (machine_.now() < end && sound()) {
    if (!machine_.server_runs() && !buried_) {
      bury_server();
      machine_.after(machine_.random.between(100ms, 5s), [this] { start_server(); });
    }
    if (machine_.now() - looked >= 1s) {
      looked = machine_.now();
      if (enough())
        return true;
    }
    if (!machine_.step())
      return enough();
  }
  return false;
}

// The conditions of the end state that do not hold yet.
std::vector<std::string> life::unrest() {
  std::vector<std::string> found;
  if (!listens_)
    found.emplace_back("the server does not listen");
  if (clients_world_.busy > 0)
    found.push_back(fmt::format("{} clients still wait", clients_world_.busy));
  auto open = *below_->unfinished({});
  for (const auto& d : open)
    found.push_back(fmt::format("{} is {}", d.id, to_string(d.state)));
  auto lanes = *below_->lanes({}, {});
  std::set<std::string> wanted;
  for (const auto& lane : lanes)
    if (lane.active)
      check_serving(lane, wanted, found);
    else if (lane.destroyed_at && router_->routes().contains(lane.lane))
      found.push_back(fmt::format("the router still has a route for {}/{}, which is destroyed",
                                  lane.lane.app, lane.lane.cluster));
  for (const auto& [name, one] : engine_->instances())
    if (!wanted.contains(name))
      found.push_back(name + " runs, and nobody wants it");
  for (const auto& id : engine_->leftovers())
    found.push_back("the build of " + id + " is left");
  for (const auto& id : sources_->uploads())
    found.push_back("the upload of " + id + " is left");
  // No lane has an actor: lanes that serve are at rest.
  // SUPERVISOR, STORE WRITER, ROUTE KEEPER, JOURNAL and AUDITOR.
  auto expected = 5 + actors_.log_readers.size();
  if (auto running = machine_.system().registry().running(); running != expected)
    found.push_back(fmt::format("{} actors run, {} are wanted", running, expected));
  return found;
}

void life::check_serving(const lane_record& lane, std::set<std::string>& wanted,
                         std::vector<std::string>& found) {
  auto active = below_->find(*lane.active);
  std::vector<std::string> addresses;
  for (const auto& name : instance_names_of(*active)) {
    if (lane.stopped_at)
      break;
    wanted.insert(name);
    auto one = engine_->instances().find(name);
    if (one == engine_->instances().end() || one->second.what.state != instance_state::running)
      found.push_back(name + " does not run");
    else if (is_web(name))
      addresses.push_back(one->second.what.address);
  }
  auto to = router_->routes().find(lane.lane);
  if (to == router_->routes().end() || to->second.deployment != active->id ||
      to->second.addresses != addresses)
    found.push_back(fmt::format("the router does not send the requests of {}/{} to {}",
                                lane.lane.app, lane.lane.cluster, active->id));
}

} // namespace pawl::test
