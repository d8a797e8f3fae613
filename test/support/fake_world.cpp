#include "test/support/fake_world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl::test {

namespace {

const std::string the_artifact = "sha256:" + std::string(64, 'b'); // of all builds

} // namespace

result<void> fake_engine::note(const std::string& verb, const std::string& what) {
  calls.push_back(fmt::format("{} {}", verb, what));
  if (auto planned = failures.find(verb); planned != failures.end())
    return planned->second;
  return {};
}

result<std::vector<std::string>> fake_engine::check() {
  return std::vector<std::string>{};
}

result<void> fake_engine::build(const build_job& job, const line_sink& sink, std::stop_token stop) {
  auto noted = note("build", job.deployment);
  if (stop.stop_requested())
    return error{errc::cancelled, "it was stopped on request", {}};
  for (const auto& line : lines)
    sink("stdout", line);
  if (noted)
    built.insert(job.deployment);
  return noted;
}

result<artifact> fake_engine::push(const build_job& job, std::stop_token) {
  if (auto noted = note("push", job.deployment); !noted)
    return std::move(noted).error();
  if (!built.contains(job.deployment))
    return error{errc::not_found, "nothing was built", {}};
  return artifact{the_artifact, 1};
}

result<void> fake_engine::run_release(const instance_spec& spec, const line_sink&,
                                      std::stop_token) {
  return note("release", spec.deployment);
}

bool fake_engine::has_artifact(const std::string&, const std::string& digest) const {
  return digest == the_artifact && !artifacts_are_gone;
}

result<instance> fake_engine::start(const instance_spec& spec) {
  if (auto noted = note("start", spec.name); !noted)
    return std::move(noted).error();
  auto running = instances.find(spec.name);
  if (running != instances.end() && running->second.state == instance_state::running)
    return running->second;
  instance made;
  made.name = spec.name;
  made.deployment = spec.deployment;
  made.lane = spec.lane;
  made.address = fmt::format("127.0.0.1:{}", next_port++);
  instances[spec.name] = made;
  configs[spec.name] = spec.config;
  started_.insert(spec.name);
  volumes_.note(spec);
  return made;
}

result<void> fake_engine::stop(const std::string& name, duration) {
  auto noted = note("stop", name);
  auto known = instances.find(name);
  if (!noted || known == instances.end())
    return noted;
  auto dead = known->second;
  dead.state = instance_state::exited;
  instances.erase(known);
  tell_of_end(name, dead);
  logs_.call_watcher(name);
  return noted;
}

result<std::vector<volume>> fake_engine::volumes() {
  return volumes_.list();
}

result<void> fake_engine::remove_volume(const lane_key& lane, const std::string& name) {
  if (auto noted = note("remove_volume", name); !noted)
    return noted;
  return volumes_.remove(lane, name, instances);
}

result<std::vector<instance>> fake_engine::list() {
  if (auto planned = failures.find("list"); planned != failures.end())
    return planned->second;
  std::vector<instance> all;
  for (const auto& [name, one] : instances)
    all.push_back(one);
  return all;
}

void fake_engine::watch(const std::string& name, std::function<void(instance)> on_exit) {
  auto known = instances.find(name);
  if (known != instances.end() && known->second.state == instance_state::exited)
    return on_exit(known->second);
  watchers.emplace(name, std::move(on_exit));
}

listening_places fake_engine::listening(const std::string& name) {
  if (const auto told = places.find(name); told != places.end())
    return told->second;
  const auto known = instances.find(name);
  if (known == instances.end() || known->second.state != instance_state::running)
    return {};
  return {{known->second.address}};
}

void fake_engine::discard(const std::string& deployment) {
  calls.push_back(fmt::format("discard {}", deployment));
  built.erase(deployment);
}

// An instance that printed nothing has words all the same, so that every failure has an output.
std::vector<std::string> fake_engine::printed_logs::last_lines(const std::string& name,
                                                               std::size_t lines) {
  if (!engine_.started_.contains(name) && !engine_.instances.contains(name))
    return {};
  if (const auto& log = engine_.printed[name]; !log.empty())
    return {log.end() - static_cast<std::ptrdiff_t>(std::min(lines, log.size())), log.end()};
  return {fmt::format("last words of {}", name)};
}

std::uint64_t fake_engine::printed_logs::last_lines_begin(const std::string& name,
                                                          std::size_t lines) {
  auto size = engine_.printed[name].size();
  return size > lines ? size - lines : 0;
}

log_page fake_engine::printed_logs::read(const std::string& name, std::uint64_t from,
                                         std::size_t most_lines, bool) {
  const auto& log = engine_.printed[name];
  log_page page;
  page.size = log.size();
  for (page.next = from; page.next < log.size() && page.lines.size() < most_lines; ++page.next) {
    page.lines.push_back(log[page.next]);
    page.times.emplace_back(std::chrono::milliseconds{page.next});
  }
  page.at_end = page.next >= log.size();
  page.stopped = !engine_.instances.contains(name);
  return page;
}

std::shared_ptr<void> fake_engine::printed_logs::watch(const std::string& name,
                                                       const log_page& seen,
                                                       std::function<void()> callback) {
  auto kept = std::make_shared<std::function<void()>>(std::move(callback));
  watchers_[name] = kept;
  if (engine_.printed[name].size() > seen.size)
    call_watcher(name);
  return kept;
}

void fake_engine::printed_logs::call_watcher(const std::string& name) {
  if (auto callback = std::exchange(watchers_[name], {}).lock())
    (*callback)();
}

void fake_engine::print(const std::string& name, const std::string& line) {
  printed[name].push_back(line);
  logs_.call_watcher(name);
}

void fake_engine::kill(const std::string& name, int exit_status) {
  auto& one = instances.at(name);
  one.state = instance_state::exited;
  one.exit_status = exit_status;
  tell_of_end(name, one);
}

void fake_engine::tell_of_end(const std::string& name, const instance& dead) {
  auto [first, last] = watchers.equal_range(name);
  std::vector<std::function<void(instance)>> callbacks;
  for (auto at = first; at != last; ++at)
    callbacks.push_back(std::move(at->second));
  watchers.erase(first, last);
  for (const auto& tell : callbacks)
    tell(dead);
}

result<void> fake_router::restore(const std::vector<route>& all) {
  ++restores;
  if (failing_restores > 0) {
    --failing_restores;
    return error{errc::unavailable, "the router does not start", {}};
  }
  dead = false;
  routes.clear();
  for (const auto& one : all)
    routes[one.lane] = one;
  return {};
}

result<void> fake_router::switch_to(const route& to) {
  if (dead)
    return error{errc::unavailable, "the router has died", {}};
  auto planned = std::exchange(failure, std::nullopt);
  if (!planned || switch_before_failing) {
    routes[to.lane] = to;
    switches.push_back(to.deployment);
  }
  if (planned)
    return *planned;
  return {};
}

result<void> fake_router::let_clients_go(const lane_key&, const std::string& deployment) {
  let_go.push_back(deployment);
  if (on_let_go)
    on_let_go();
  if (dead)
    return error{errc::unavailable, "the router has died", {}};
  return {};
}

result<void> fake_router::forget(const lane_key& lane, const std::string& deployment) {
  if (auto known = routes.find(lane);
      known != routes.end() && known->second.deployment == deployment)
    return error{errc::invalid_argument, "requests still go there", {}};
  return {};
}

std::vector<std::string> fake_router::hosts(const lane_key& lane) const {
  const auto suffix = lane.cluster == "local" ? "" : "-" + lane.cluster;
  return {fmt::format("{}{}.localhost", lane.app, suffix)};
}

std::vector<std::string> fake_router::urls(const lane_key& lane) const {
  return {"http://" + hosts(lane).front()};
}

probe_answer fake_probe::ask(const std::string& address, const health_settings& settings) {
  ++asked;
  hosts.insert(settings.host.value_or(""));
  if (nobody_listens)
    return {false, fmt::format("GET / at {}: connection refused", address)};
  bool ok = !all_sick && !sick.contains(address);
  return {ok,
          fmt::format("GET /: {}{}", ok ? "200 OK" : "503 Service Unavailable",
                      answers_differ ? fmt::format(" #{}", asked) : ""),
          true};
}

result<std::uint64_t> fake_sources::open_upload(const std::string& deployment,
                                                const std::string& app,
                                                const source_facts& promised) {
  if (kept.contains({app, promised.digest}))
    return promised.bytes;
  if (no_room)
    return *no_room;
  closed.erase(deployment);
  auto& one = open[deployment];
  one.bytes = promised.bytes;
  return one.offset;
}

result<std::uint64_t> fake_sources::append(const std::string& deployment, std::uint64_t offset,
                                           std::vector<char> bytes) {
  auto& one = open[deployment];
  if (offset != one.offset)
    return error{errc::invalid_argument, "another offset was reached", {}};
  one.offset += bytes.size();
  return one.offset;
}

result<source_reading> fake_sources::verify(const std::string& deployment, const std::string& app,
                                            const std::string& digest) {
  if (verdict)
    return *verdict;
  auto bytes = kept.emplace(std::pair{app, digest}, open[deployment].bytes).first->second;
  open.erase(deployment);
  auto text = has_manifest ? std::optional{std::string{"[run]"}} : std::nullopt;
  auto procfile = has_procfile ? std::optional{std::string{"web: ./shop"}} : std::nullopt;
  return source_reading{{digest, bytes, 3}, text, procfile};
}

std::vector<std::string> fake_sources::uploads() const {
  std::vector<std::string> found;
  for (const auto& [deployment, one] : open)
    found.push_back(deployment);
  return found;
}

std::filesystem::path fake_sources::path(const std::string& app, const std::string& digest) const {
  return std::filesystem::path{app} / digest;
}

manifest fake_world::simple_manifest() {
  manifest settings;
  settings.app = "shop";
  settings.build.command = "make";
  settings.run.command = "./shop";
  settings.health.path = "/healthz";
  return settings;
}

} // namespace pawl::test
