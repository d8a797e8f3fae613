#include "engines/process/leased_ports.hpp"

#include "engines/process/instance_record.hpp"
#include "posix/bound_ports.hpp"
#include "posix/process_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace pawl {

namespace {

// Counts over a sandbox's processes: its first one and all that descend from it.
std::size_t ports_held(pid_t first, port_range among) {
  auto family = descendants(first);
  family.push_back(first);
  std::set<std::uint16_t> held;
  for (auto pid : family)
    for (auto port : bound_ports(pid))
      if (port >= among.first && port <= among.last)
        held.insert(port);
  return held.size();
}

} // namespace

result<std::uint16_t> leased_ports::lease(const std::string& name, const std::string& app) {
  if (auto over = check_pause(app); !over)
    return std::move(over).error();
  const auto& range = host_.config().ports;
  auto leased = lease_port(range);
  if (!leased && leased.error().code == errc::resource_exhausted && end_hoarders(holders()))
    leased = lease_port(range);
  if (!leased)
    return shortage(std::move(leased).error());
  const auto port = leased->port();
  std::lock_guard lock{mutex_};
  leases_[name] = *std::move(leased);
  return port;
}

result<void> leased_ports::check_pause(const std::string& app) {
  const auto now = clock::now();
  std::lock_guard lock{mutex_};
  std::erase_if(ended_, [&](const auto& one) { return one.second + hoarder_pause <= now; });
  if (!ended_.contains(app))
    return {};
  return error{errc::resource_exhausted,
               fmt::format("an instance of {} was killed, because it held the ports of other "
                           "apps; it is not started for {} s. Change the app to listen on $PORT",
                           app, hoarder_pause.count()),
               {}};
}

void leased_ports::lease_again(const std::string& name, std::uint16_t port) {
  std::lock_guard lock{mutex_};
  if (!leases_.contains(name))
    leases_.emplace(name, pawl::lease_again(port));
}

void leased_ports::give_back(const std::string& name) {
  std::lock_guard lock{mutex_};
  leases_.erase(name);
}

std::vector<leased_ports::holder> leased_ports::holders() const {
  const auto prefix = host_.mark_of("");
  std::vector<holder> found;
  for (auto& one : marked_processes(prefix, host_.users())) {
    const auto ports = one.inside ? ports_held(one.pid, host_.config().ports) : 0;
    if (ports == 0)
      continue;
    auto job = one.mark.substr(prefix.size());
    auto app = app_of(job);
    found.push_back({std::move(job), std::move(app), std::move(one.process), ports});
  }
  std::sort(found.begin(), found.end(),
            [](const holder& a, const holder& b) { return a.ports > b.ports; });
  return found;
}

std::string leased_ports::app_of(const std::string& job) const {
  if (!job.starts_with(instance_job("")))
    return job;
  const auto name = job.substr(instance_job("").size());
  const auto record =
      read_record(host_.config().data_dir / "instances" / name / "record.json", host_.mark_of(job));
  return record ? record->lane.app : name;
}

bool leased_ports::end_hoarders(const std::vector<holder>& all) {
  const auto& range = host_.config().ports;
  bool ended = false;
  for (const auto& one : all) {
    if (one.ports <= most_held_ports)
      continue;
    {
      std::lock_guard lock{mutex_};
      ended_[one.app] = clock::now();
    }
    if (one.job.starts_with(instance_job(""))) {
      const auto name = one.job.substr(instance_job("").size());
      logs_.say(name, fmt::format("pawl: {} was killed: it held {} of the ports from {} to {}, "
                                  "which are for instances; listen on $PORT",
                                  name, one.ports, range.first, range.last));
    }
    signal_process(one.process, SIGKILL);
    ended = wait_for_end(one.process, death_timeout) || ended;
  }
  return ended;
}

error leased_ports::shortage(error why) const {
  if (why.code != errc::resource_exhausted)
    return why;
  constexpr std::size_t shown = 3;
  std::string most;
  auto all = holders();
  for (std::size_t i = 0; i < std::min(shown, all.size()); ++i)
    most += fmt::format("{}{} ({} ports)", i == 0 ? "" : ", ", all[i].app, all[i].ports);
  why.message += most.empty() ? "; end other programs of this machine that have them"
                              : "; most are held by these apps of this server: " + most;
  return why;
}

} // namespace pawl
