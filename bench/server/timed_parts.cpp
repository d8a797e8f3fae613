#include "bench/server/timed_parts.hpp"

#include "bench/server/seed.hpp"

#include <fmt/format.h>

#include <fstream>
#include <thread>
#include <utility>

namespace pawl::bench {

namespace {

instance running_under(const std::string& name, const std::string& deployment,
                       const lane_key& lane) {
  instance made;
  made.name = name;
  made.deployment = deployment;
  made.lane = lane;
  made.address = "127.0.0.1:9"; // nobody asks there: the probe is ready_probe
  return made;
}

void take(duration time) {
  if (time > duration::zero())
    std::this_thread::sleep_for(time);
}

} // namespace

std::vector<instance> surviving_instances(const std::filesystem::path& directory) {
  std::vector<instance> all;
  for (const auto& file : std::filesystem::directory_iterator{directory}) {
    std::ifstream in{file.path()};
    std::string deployment;
    lane_key lane;
    // A file that the server died over is as if it had not been begun.
    if (in >> deployment >> lane.app >> lane.cluster)
      all.push_back(running_under(file.path().filename(), deployment, lane));
  }
  return all;
}

timed_engine::timed_engine(const timed_parts_plan& plan) : plan_(plan) {
  if (!plan_.survivors.empty())
    for (auto& one : surviving_instances(plan_.survivors))
      running_[one.name].what = one;
  for (std::size_t n = 0; n < plan_.running; ++n) {
    const auto id = seeded_id(plan_.first_running + n);
    const auto name = instance_name(id, 1);
    running_[name].what = running_under(name, id, seeded_lane(n));
  }
}

result<void> timed_engine::build(const build_job&, const line_sink& sink, std::stop_token stop) {
  constexpr std::size_t line_bytes = 200;
  const std::string line(line_bytes, 'e');
  for (std::size_t i = 0; i < plan_.lines && !stop.stop_requested(); ++i) {
    sink("stdout", line);
    take(plan_.line_pause);
  }
  take(plan_.build);
  return {};
}

result<artifact> timed_engine::push(const build_job&, std::stop_token) {
  return artifact{"sha256:" + std::string(64, 'b'), 1};
}

result<instance> timed_engine::start(const instance_spec& spec) {
  take(plan_.start);
  const std::lock_guard lock{mutex_};
  auto& one = running_[spec.name];
  if (one.what.name.empty()) {
    one.what = running_under(spec.name, spec.deployment, spec.lane);
    if (!plan_.survivors.empty())
      std::ofstream{file_of(spec.name)}
          << fmt::format("{} {} {}\n", spec.deployment, spec.lane.app, spec.lane.cluster);
  }
  return one.what;
}

result<void> timed_engine::stop(const std::string& name, duration) {
  running_instance ended;
  {
    const std::lock_guard lock{mutex_};
    const auto known = running_.find(name);
    if (known == running_.end())
      return {};
    ended = std::move(known->second);
    running_.erase(known);
    if (!plan_.survivors.empty())
      std::filesystem::remove(file_of(name));
  }
  ended.what.state = instance_state::exited;
  for (const auto& tell : ended.watchers)
    tell(ended.what);
  return {};
}

result<std::vector<instance>> timed_engine::list() {
  const std::lock_guard lock{mutex_};
  std::vector<instance> all;
  all.reserve(running_.size());
  for (const auto& [name, one] : running_)
    all.push_back(one.what);
  return all;
}

void timed_engine::watch(const std::string& name, std::function<void(instance)> on_exit) {
  {
    const std::lock_guard lock{mutex_};
    if (const auto known = running_.find(name); known != running_.end()) {
      known->second.watchers.push_back(std::move(on_exit));
      return;
    }
  }
  auto gone = running_under(name, "", {});
  gone.state = instance_state::exited;
  on_exit(gone);
}

bool timed_engine::runs(const std::string& name) {
  const std::lock_guard lock{mutex_};
  return running_.contains(name);
}

log_page timed_engine::empty_logs::read(const std::string& name, std::uint64_t from, std::size_t,
                                        bool) {
  log_page page;
  page.next = from;
  page.at_end = true;
  page.stopped = !engine_.runs(name);
  return page;
}

std::shared_ptr<void> timed_engine::empty_logs::watch(const std::string&, const log_page&,
                                                      std::function<void()> callback) {
  return std::make_shared<std::function<void()>>(std::move(callback)); // nothing is ever printed
}

result<source_reading> ready_sources::verify(const std::string&, const std::string&,
                                             const std::string& digest) {
  return source_reading{{digest, 1, 1}, "[run]\ncommand = \"./serve\"\n", {}};
}

} // namespace pawl::bench
