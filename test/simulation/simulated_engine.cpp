#include "test/simulation/simulated_engine.hpp"

#include <algorithm>

namespace pawl::test {

using namespace std::chrono_literals;

// Calls for one deployment's build, or for one instance, wait for one another: see engine.hpp.
class simulated_engine::turn {
public:
  turn(simulated_engine& engine, std::string of) : engine_(engine), of_(std::move(of)) {
    while (engine_.turns_.contains(of_) && engine_.machine_.server_runs())
      engine_.machine_.pass(10ms);
    engine_.turns_.insert(of_);
  }
  ~turn() { engine_.turns_.erase(engine_.turns_.find(of_)); }
  turn(const turn&) = delete;
  turn& operator=(const turn&) = delete;

private:
  simulated_engine& engine_;
  std::string of_;
};

// A running command: it checks its stop token as often as a real one does.
result<void> simulated_engine::work(duration time, const std::stop_token& stop) {
  constexpr duration slice = 1s;
  for (; time > duration::zero(); time -= slice) {
    if (stop.stop_requested())
      return error{errc::cancelled, "it was stopped on request", {}};
    machine_.pass(std::min(time, slice));
  }
  return {};
}

result<void> simulated_engine::build(const build_job& job, const line_sink&, std::stop_token stop) {
  turn mine{*this, "build " + job.deployment};
  auto plan = plan_of(job.source.filename().string());
  return machine_.call<void>(machine_.sky.engine, "build " + job.deployment, [&]() -> result<void> {
    checker_.builds(job.deployment, stop);
    if (stop.stop_requested())
      return error{errc::cancelled, "it was stopped on request", {}};
    builds_[job.deployment] = false;
    if (auto worked = work(plan.build_time, stop); !worked || !machine_.server_runs())
      return worked;
    if (!plan.builds)
      return error{errc::build_failed, "the build failed", {{"exit_status", "1"}}};
    if (stop.stop_requested())
      return error{errc::cancelled, "it was stopped on request", {}};
    builds_[job.deployment] = true;
    return {};
  });
}

result<artifact> simulated_engine::push(const build_job& job, std::stop_token stop) {
  turn mine{*this, "build " + job.deployment};
  return machine_.call<artifact>(
      machine_.sky.engine, "push " + job.deployment, [&]() -> result<artifact> {
        checker_.pushes(job.deployment, stop);
        auto built = builds_.find(job.deployment);
        if (built == builds_.end() || !built->second)
          return error{errc::not_found, "nothing was built", {}};
        artifact made{digest_of(seed_of(job.source.filename().string()), 'b'), 1};
        artifacts_.insert(made.digest);
        return made;
      });
}

bool simulated_engine::has_artifact(const std::string&, const std::string& digest) const {
  return artifacts_.contains(digest);
}

result<void> simulated_engine::run_release(const instance_spec& spec, const line_sink&,
                                           std::stop_token stop) {
  turn mine{*this, "build " + spec.deployment};
  auto plan = plan_of(spec.artifact);
  return machine_.call<void>(
      machine_.sky.engine, "release " + spec.deployment, [&]() -> result<void> {
        if (stop.stop_requested())
          return error{errc::cancelled, "it was stopped on request", {}};
        checker_.releases(spec.deployment, stop);
        if (auto worked = work(plan.release_time, stop); !worked)
          return worked;
        if (!plan.releases)
          return error{errc::release_failed, "the release command failed", {}};
        return {};
      });
}

result<instance> simulated_engine::start(const instance_spec& spec) {
  turn mine{*this, "instance " + spec.name};
  return machine_.call<instance>(
      machine_.sky.engine, "start " + spec.name, [&]() -> result<instance> {
        checker_.starts(spec);
        if (!artifacts_.contains(spec.artifact))
          return error{errc::not_found, "there is no such artifact", {}};
        auto& one = instances_[spec.name];
        if (one.what.name == spec.name && one.what.state == instance_state::running)
          return one.what;
        volumes_.note(spec);
        one.plan = plan_of(spec.artifact);
        one.started = machine_.now();
        one.stop_asked.reset();
        one.what = {};
        one.what.name = spec.name;
        one.what.deployment = spec.deployment;
        one.what.lane = spec.lane;
        one.what.address = fmt::format("127.0.0.1:{}", next_port_++);
        checker_.runs(one.what);
        check_alone(spec);
        auto ends = !is_web(spec.name) ? (one.plan.worker_exits ? limits::settle / 2 : 0s)
                    : one.plan.health == app_health::exits ? one.plan.healthy_after
                    : one.plan.exits_when_unwell           ? one.plan.unwell_after
                                                           : duration::zero();
        if (ends > duration::zero())
          machine_.after(ends, [this, name = spec.name, address = one.what.address] {
            auto still = instances_.find(name);
            bool well = healed_ && still != instances_.end() && is_web(name) &&
                        still->second.plan.health == app_health::good;
            if (still != instances_.end() && still->second.what.address == address && !well)
              die(name);
          });
        return one.what;
      });
}

// If two of the app must not run at once, none runs that belongs to another deployment and says the
// same.
void simulated_engine::check_alone(const instance_spec& spec) {
  if (!spec.settings.deploy.replaces)
    return;
  for (const auto& [name, other] : instances_)
    if (other.what.lane == spec.lane && other.what.state == instance_state::running &&
        other.what.deployment != spec.deployment && other.plan.replaces)
      machine_.violate("two at once: starts " + spec.name + " while " + name + " runs");
}

result<void> simulated_engine::stop(const std::string& name, duration grace) {
  auto asked = machine_.now();
  turn mine{*this, "instance " + name};
  // A stop that failed is tried again: it is the same one.
  if (const auto running = instances_.find(name); running != instances_.end())
    asked = *(running->second.stop_asked = running->second.stop_asked.value_or(asked));
  return machine_.call<void>(machine_.sky.engine, "stop " + name, [&]() -> result<void> {
    auto known = instances_.find(name);
    if (known == instances_.end())
      return {};
    checker_.stops(known->second.what, asked);
    if (machine_.random.chance(machine_.sky.engine.slow))
      machine_.pass(machine_.random.between({}, grace));
    if (!machine_.server_runs())
      return {};
    auto ended = known->second.what;
    ended.state = instance_state::exited;
    instances_.erase(name);
    tell_of_end(ended);
    return {};
  });
}

result<std::vector<instance>> simulated_engine::list() {
  using instances = std::vector<instance>;
  return machine_.call<instances>(machine_.sky.engine, "list", [&]() -> result<instances> {
    instances all;
    for (const auto& [name, one] : instances_) {
      all.push_back(one.what);
      // The caller does not know which of them were healthy, and takes all that run.
      checker_.is_healthy(one.what.address);
    }
    return all;
  });
}

void simulated_engine::watch(const std::string& name, std::function<void(instance)> on_exit) {
  if (!machine_.server_runs())
    return;
  auto known = instances_.find(name);
  if (known == instances_.end() || known->second.what.state == instance_state::exited) {
    instance ended;
    ended.name = name;
    ended.state = instance_state::exited;
    return on_exit(known == instances_.end() ? ended : known->second.what);
  }
  watchers_.emplace(name, std::move(on_exit));
}

// It promises no success, and nobody could do anything about it: it does not fail here.
void simulated_engine::discard(const std::string& deployment) {
  turn mine{*this, "build " + deployment};
  if (machine_.random.chance(machine_.sky.engine.slow))
    machine_.pass(machine_.random.between({}, machine_.sky.engine.most));
  if (!machine_.server_runs())
    return;
  machine_.note("discard " + deployment);
  checker_.discards(deployment);
  builds_.erase(deployment);
}

std::vector<std::string> simulated_engine::leftovers() const {
  std::vector<std::string> found;
  for (const auto& [deployment, complete] : builds_)
    found.push_back(deployment);
  return found;
}

std::vector<std::string> simulated_engine::silent_logs::last_lines(const std::string& name,
                                                                   std::size_t) {
  return {"last words of " + name};
}

std::uint64_t simulated_engine::silent_logs::last_lines_begin(const std::string&, std::size_t) {
  return 0;
}

log_page simulated_engine::silent_logs::read(const std::string& name, std::uint64_t from,
                                             std::size_t, bool) {
  log_page page;
  page.next = from;
  page.at_end = true;
  page.stopped = !engine_.instances_.contains(name);
  return page;
}

std::shared_ptr<void> simulated_engine::silent_logs::watch(const std::string&, const log_page&,
                                                           std::function<void()> callback) {
  return std::make_shared<std::function<void()>>(std::move(callback));
}

void simulated_engine::die(const std::string& name) {
  auto known = instances_.find(name);
  if (known == instances_.end() || known->second.what.state == instance_state::exited)
    return;
  machine_.note(name + " exits");
  known->second.what.state = instance_state::exited;
  known->second.what.exit_status = 1;
  tell_of_end(known->second.what);
}

void simulated_engine::tell_of_end(const instance& ended) {
  auto [first, last] = watchers_.equal_range(ended.name);
  std::vector<std::function<void(instance)>> callbacks;
  for (auto at = first; at != last; ++at)
    callbacks.push_back(std::move(at->second));
  watchers_.erase(first, last);
  for (const auto& tell : callbacks)
    tell(ended);
}

const simulated_engine::running_instance* simulated_engine::at(const std::string& address) const {
  for (const auto& [name, one] : instances_)
    if (one.what.address == address && one.what.state == instance_state::running)
      return &one;
  return nullptr;
}

bool simulated_engine::is_healthy(const running_instance& one) const {
  auto age = machine_.now() - one.started;
  if (one.plan.health == app_health::never || age < one.plan.healthy_after)
    return false;
  return healed_ || one.plan.unwell_after == duration::zero() || age < one.plan.unwell_after;
}

listening_places simulated_engine::listening(const std::string& name) {
  const auto known = instances_.find(name);
  if (known == instances_.end() || known->second.what.state != instance_state::running)
    return {};
  return {{known->second.what.address}};
}

probe_answer simulated_probe::ask(const std::string& address, const health_settings& settings) {
  auto answer = machine_.call<probe_answer>(
      call_weather{}, "probe " + address, [&]() -> result<probe_answer> {
        if (machine_.random.chance(machine_.sky.engine.slow))
          machine_.pass(machine_.random.between({}, settings.timeout));
        const auto* one = engine_.at(address);
        bool fails = machine_.random.chance(machine_.sky.probe_fails);
        bool ok = one != nullptr && engine_.is_healthy(*one) && !fails;
        auto& row = in_a_row_[address];
        row = ok ? row + 1 : 0;
        if (row >= settings.healthy_threshold)
          checker_.is_healthy(address);
        return probe_answer{ok, ok ? "GET /: 200 OK" : "GET /: 503 Service Unavailable", !fails};
      });
  return answer ? *answer : probe_answer{false, "no answer"};
}

} // namespace pawl::test
