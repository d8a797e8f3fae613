#include "engines/docker/docker_instances.hpp"

#include "engines/docker/api_json.hpp"
#include "posix/process_sockets.hpp"
#include "posix/process_table.hpp"
#include "posix/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

using namespace std::chrono_literals;

// A container is created and started in some 200 ms; on a machine whose disk is busy, later.
constexpr auto start_limit = 5min;
constexpr auto last_output = 2s; // from the end of a container to that of its output
constexpr long name_taken = 409;
constexpr auto other_processor =
    "; the image is for another kind of processor: build it for this machine's (FROM --platform), "
    "or name an image that has it";

std::string address_without_ip(std::uint16_t port) {
  return fmt::format("0.0.0.0:{}", port);
}

// The start of a container that the image itself makes impossible.
error start_refused(const api_answer& answer, const instance_spec& spec) {
  auto message = message_in(answer);
  auto why = refusal_of(answer, "start the instance " + spec.name);
  if (why.code == errc::resource_exhausted)
    return why;
  std::string remedy;
  if (message.find("exec format error") != std::string::npos)
    remedy = other_processor;
  else if (message.find("executable file not found") != std::string::npos ||
           message.find("no such file or directory") != std::string::npos)
    remedy = "; the image has no such program: correct CMD or ENTRYPOINT of its Dockerfile, or "
             "command in [run] of the app's pawl.toml";
  else
    return why;
  return {errc::unhealthy, why.message + remedy, {{"instance", spec.name}}};
}

// Words for the end of its log, where neither its status nor its last line says it; "" for none.
std::string why_it_ended(const instance& ended, const std::vector<std::string>& last) {
  if (ended.out_of_memory)
    return fmt::format("pawl: {} was killed: it used more memory than it may have", ended.name);
  // The runtime prints this in the place of the program that it could not start.
  if (ended.exit_status == 1 && !last.empty() && last.front().starts_with("exec ") &&
      last.front().ends_with(": exec format error"))
    return fmt::format("pawl: {} did not start{}", ended.name, other_processor);
  return {};
}

} // namespace

class docker_instances::work {
public:
  work(docker_instances& all, const std::string& name)
      : turn_(all.calls_, name), all_(all), name_(name) {
    std::lock_guard lock{all_.mutex_};
    all_.at_work_.insert(name_);
  }
  ~work() {
    std::lock_guard lock{all_.mutex_};
    all_.at_work_.erase(all_.at_work_.find(name_));
  }
  work(const work&) = delete;
  work& operator=(const work&) = delete;

private:
  keyed_mutex::lock turn_;
  docker_instances& all_;
  std::string name_;
};

docker_instances::docker_instances(const docker_host& host, const container_records& records,
                                   file_instance_logs& logs)
    : host_(host), records_(records), logs_(logs), followers_(host, records, logs),
      watch_(host,
             {[this](const std::string& container, instance& ended) { complete(container, ended); },
              [this](const std::string& container, const instance& running) {
                followers_.follow(running.name, container);
              }}) {}

bool docker_instances::at_work(const std::string& name) {
  std::lock_guard lock{mutex_};
  return at_work_.contains(name);
}

result<instance> docker_instances::start(const instance_spec& spec) {
  if (!is_plain_name(spec.name) || !is_plain_name(spec.deployment) || !is_digest(spec.artifact))
    return error{errc::invalid_argument,
                 fmt::format("\"{}\" cannot be the name of an instance", spec.name),
                 {}};
  work mine{*this, spec.name};
  if (auto up = host_.client().wait_for_daemon(host_.config().patience, {}); !up)
    return std::move(up).error();
  auto known = look_at_container(host_.client(), host_.container_name(spec.name));
  if (known && known->seen.state == instance_state::running)
    return adopt(*known);
  if (!known && known.error().code != errc::not_found)
    return std::move(known).error();
  auto image = find_image(host_, docker_host::artifact_name(spec.lane.app, spec.artifact));
  if (image)
    return replace(spec, *image);
  if (image.error().code != errc::not_found)
    return std::move(image).error();
  return error{errc::not_found,
               fmt::format("the image {} of {} is not with the Docker daemon any more; deploy the "
                           "app again",
                           spec.artifact, spec.lane.app),
               {{"artifact", spec.artifact}}};
}

// The record is on the disk before the container exists: after a crash, list() either removes the
// rest of a start or finds the instance.
result<instance> docker_instances::replace(const instance_spec& spec, const image_facts& image) {
  if (auto cleared = clear(spec.name); !cleared)
    return std::move(cleared).error();
  container_record record;
  record.known.name = spec.name;
  record.known.deployment = spec.deployment;
  record.known.lane = spec.lane;
  record.config = spec.config;
  if (auto noted = records_.write(record); !noted)
    return std::move(noted).error();
  auto container = create(spec, image);
  auto ran = container ? run(*container, spec) : result<void>{container.error()};
  auto found = ran ? look_at_container(host_.client(), *container)
                   : result<container_look>{std::move(ran).error()};
  if (!found) {
    [[maybe_unused]] auto cleared = clear(spec.name); // else by the next start, or by list()
    return std::move(found).error();
  }
  if (found->seen.address.empty()) // it ended at once
    found->seen.address = address_without_ip(port_of(image));
  record.known = found->seen;
  record.container = found->id;
  if (auto noted = records_.write(record); !noted)
    return std::move(noted).error();
  return adopt(*found);
}

result<std::string> docker_instances::create(const instance_spec& spec,
                                             const image_facts& image) const {
  const auto name = host_.container_name(spec.name);
  const api_call creation{.method = "POST",
                          .target = "/containers/create?name=" + url_part(name),
                          .body = instance_request(host_, spec, image),
                          .limit = start_limit};
  auto answer = host_.client().call(creation);
  if (answer && answer->status == name_taken) {
    if (auto removed = remove_container(host_.client(), name); !removed)
      return std::move(removed).error();
    answer = host_.client().call(creation);
  }
  if (!answer)
    return std::move(answer).error();
  if (!answer->success())
    return start_refused(*answer, spec);
  return text_in(parse_json(answer->body), "Id");
}

result<void> docker_instances::run(const std::string& container, const instance_spec& spec) const {
  auto answer = host_.client().call({.method = "POST",
                                     .target = fmt::format("/containers/{}/start", container),
                                     .limit = start_limit});
  constexpr long already = 304;
  if (!answer)
    return std::move(answer).error();
  if (!answer->success() && answer->status != already)
    return start_refused(*answer, spec);
  return {};
}

// From here on its output is copied, and its end is told.
instance docker_instances::adopt(const container_look& found) {
  auto seen = found.seen;
  const auto record = records_.read(seen.name);
  if (seen.address.empty() && record)
    seen.address = record->known.address;
  // A crash may have come between the start and its record.
  if (!record || record->container != found.id) [[maybe_unused]]
    auto noted = records_.write({seen, found.id, record ? record->config : std::nullopt});
  logs_.track(seen.name);
  followers_.follow(seen.name, found.id);
  if (seen.state == instance_state::exited)
    complete(found.id, seen);
  watch_.track(seen, found.id);
  return seen;
}

void docker_instances::complete(const std::string& container, instance& ended) {
  followers_.follow(ended.name, container);
  followers_.finish(ended.name, last_output);
  const auto words = why_it_ended(ended, logs_.last_lines(ended.name, 1));
  if (!words.empty() && logs_.last_lines(ended.name, 1) != std::vector{words})
    logs_.say(ended.name, words);
}

result<void> docker_instances::stop(const std::string& name, duration grace) {
  if (!is_plain_name(name))
    return {};
  work mine{*this, name};
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(grace).count();
  constexpr long absent = 404;
  constexpr long stopped = 304;
  auto answer = host_.client().call(
      {.method = "POST",
       .target = fmt::format("/containers/{}/stop?t={}", host_.container_name(name), seconds),
       .limit = grace + api_limit});
  if (!answer)
    return std::move(answer).error();
  if (!answer->success() && answer->status != absent && answer->status != stopped)
    return refusal_of(*answer, "stop the instance " + name);
  followers_.finish(name, last_output);
  return clear(name);
}

result<void> docker_instances::clear(const std::string& name) {
  if (auto removed = remove_container(host_.client(), host_.container_name(name)); !removed)
    return removed;
  followers_.forget(name);
  watch_.forget(name);
  logs_.finish(name);
  auto removed = records_.remove(name);
  logs_.close(name);
  return removed;
}

result<std::vector<instance>> docker_instances::list() {
  auto wanted = host_.labels("instance");
  auto ids = find_containers(host_, wanted);
  if (!ids && (ids.error().code == errc::unavailable || ids.error().code == errc::timed_out))
    return all_known();
  if (!ids)
    return std::move(ids).error();
  std::vector<instance> found;
  for (const auto& id : *ids) {
    auto look = look_at_container(host_.client(), id);
    if (!look && look.error().code == errc::not_found)
      continue;
    if (!look)
      return all_known();
    if (look->started && is_plain_name(look->seen.name))
      found.push_back(adopt(*look));
  }
  clear_stray(found);
  return found;
}

// Without a daemon: what has a record that says where it is, was started and not stopped.
std::vector<instance> docker_instances::all_known() const {
  std::vector<instance> known;
  for (const auto& name : records_.names())
    if (auto record = records_.read(name); record && !record->known.address.empty())
      known.push_back(record->known);
  return known;
}

// The rests of starts that were interrupted, and the records of containers that somebody removed.
void docker_instances::clear_stray(const std::vector<instance>& found) {
  for (const auto& name : records_.names()) {
    const auto is_this = [&](const instance& one) { return one.name == name; };
    if (std::any_of(found.begin(), found.end(), is_this) || at_work(name))
      continue;
    work mine{*this, name};
    auto now = look_at_container(host_.client(), host_.container_name(name));
    const bool gone = now ? !now->started : now.error().code == errc::not_found;
    if (gone) [[maybe_unused]]
      auto cleared = clear(name);
  }
}

void docker_instances::watch(const std::string& name, std::function<void(instance)> on_exit) {
  if (auto record = records_.read(name); record && !record->container.empty())
    watch_.track(record->known, record->container);
  watch_.call_when_ended(name, std::move(on_exit));
}

std::optional<probe_answer> docker_instances::own_check(const std::string& name) const {
  auto found = look_at_container(host_.client(), host_.container_name(name));
  return found ? found->own_check : std::nullopt;
}

listening_places docker_instances::listening(const std::string& name) const {
  if (!is_plain_name(name))
    return {};
  auto found = look_at_container(host_.client(), host_.container_name(name));
  if (!found || found->pid <= 0)
    return {};
  auto processes = descendants(found->pid);
  processes.push_back(found->pid);
  const auto sockets = listening_sockets_of(found->pid, processes, limits::listening_descriptors);
  listening_places places;
  places.tcp.assign(sockets.tcp.begin(), sockets.tcp.end());
  for (const auto& path : sockets.local)
    places.local.push_back(printable(path));
  places.own_network = true;
  places.reached_on_loopback = false;
  return places;
}

} // namespace pawl
