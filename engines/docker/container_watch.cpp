#include "engines/docker/container_watch.hpp"

#include "engines/docker/api_json.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 100ms; // before a daemon that ended is asked again; doubled
constexpr auto last_pause = 1600ms;
constexpr std::size_t event_bytes = 256 * limits::kib; // an event has all labels of a container
constexpr auto events_overlap = 2s; // of the events asked for with those that were told before

std::int64_t seconds_now() {
  const auto now = std::chrono::system_clock::now() - events_overlap;
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

} // namespace

container_watch::container_watch(const docker_host& host, hooks calls)
    : host_(host), hooks_(std::move(calls)) {
  listener_ = std::thread{[this] { listen(); }};
  teller_ = std::thread{[this] { tell(); }};
}

container_watch::~container_watch() {
  stop_.request_stop();
  listener_.join();
  teller_.join();
}

void container_watch::track(const instance& what, const std::string& container) {
  std::lock_guard lock{mutex_};
  auto& one = all_[what.name];
  if (one.container == container)
    return;
  one.known = what;
  one.container = container;
  one.ended = what.state == instance_state::exited;
  if (one.ended)
    make_due(one);
  else
    looks_.push_back({what.name, container}); // it may have ended before it was watched
  changed_.notify_all();
}

void container_watch::call_when_ended(const std::string& name,
                                      std::function<void(instance)> callback) {
  std::lock_guard lock{mutex_};
  const auto found = all_.find(name);
  if (found != all_.end() && !found->second.ended) {
    found->second.callbacks.push_back(std::move(callback));
    return;
  }
  instance unknown;
  unknown.name = name;
  unknown.state = instance_state::exited;
  due_.emplace_back(std::move(callback),
                    found == all_.end() ? std::move(unknown) : found->second.known);
  changed_.notify_all();
}

void container_watch::forget(const std::string& name) {
  std::lock_guard lock{mutex_};
  const auto found = all_.find(name);
  if (found == all_.end())
    return;
  found->second.known.state = instance_state::exited;
  make_due(found->second);
  all_.erase(found);
  changed_.notify_all();
}

void container_watch::make_due(watched& one) {
  for (auto& callback : one.callbacks)
    due_.emplace_back(std::move(callback), one.known);
  one.callbacks.clear();
}

// The events are asked for from a time before the look, so that no end falls between them.
void container_watch::listen() {
  auto pause = first_pause;
  const auto stop = stop_.get_token();
  const auto filters =
      json{{"type", {"container"}},
           {"event", {"die", "destroy"}},
           {"label", {fmt::format("{}={}", server_label, host_.labels("").at(server_label))}}};
  while (!stop.stop_requested()) {
    const auto since = seconds_now();
    if (host_.client().negotiate()) {
      pause = first_pause;
      look_at_all();
      std::string unread;
      [[maybe_unused]] auto ended = host_.client().call(
          {.target = fmt::format("/events?since={}&filters={}", since, url_part(to_text(filters))),
           .take = [this, &unread](std::string_view bytes) { return take_events(unread, bytes); },
           .limit = 0ms},
          stop);
    }
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, stop, pause, [] { return false; });
    pause = std::min<std::chrono::milliseconds>(pause * 2, last_pause);
  }
}

void container_watch::look_at_all() {
  std::lock_guard lock{mutex_};
  for (const auto& [name, one] : all_)
    if (!one.ended)
      looks_.push_back({name, one.container, true});
  changed_.notify_all();
}

bool container_watch::take_events(std::string& unread, std::string_view bytes) {
  unread += bytes;
  for (auto feed = unread.find('\n'); feed != std::string::npos; feed = unread.find('\n')) {
    take_event(unread.substr(0, feed));
    unread.erase(0, feed + 1);
  }
  return unread.size() <= event_bytes;
}

void container_watch::take_event(const std::string& line) {
  const auto id = text_in(member(parse_json(line), "Actor"), "ID");
  std::lock_guard lock{mutex_};
  for (const auto& [name, one] : all_)
    if (one.container == id && !one.ended)
      looks_.push_back({name, id});
  changed_.notify_all();
}

void container_watch::tell() {
  const auto stop = stop_.get_token();
  while (!stop.stop_requested()) {
    std::deque<look_order> looks;
    decltype(due_) due;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, stop, [this] { return !looks_.empty() || !due_.empty(); });
      looks.swap(looks_);
      due.swap(due_);
    }
    for (auto& [callback, ended] : due)
      callback(std::move(ended));
    for (const auto& order : looks)
      if (!stop.stop_requested())
        look(order);
  }
}

void container_watch::look(const look_order& order) {
  auto found = look_at_container(host_.client(), order.container);
  if (!found && found.error().code != errc::not_found)
    return; // a daemon that answers again lets all be looked at
  if (found && found->seen.state == instance_state::running) {
    if (order.again)
      hooks_.found_again(order.container, found->seen);
    return;
  }
  instance ended;
  if (found) {
    ended = found->seen;
    hooks_.complete(order.container, ended);
  }
  end(order, std::move(ended));
}

void container_watch::end(const look_order& order, instance ended) {
  std::lock_guard lock{mutex_};
  const auto one = all_.find(order.name);
  if (one == all_.end() || one->second.container != order.container || one->second.ended)
    return;
  auto& known = one->second.known;
  one->second.ended = true;
  known.state = instance_state::exited;
  known.exit_status = ended.exit_status;
  known.out_of_memory = ended.out_of_memory;
  make_due(one->second);
  changed_.notify_all();
}

} // namespace pawl
