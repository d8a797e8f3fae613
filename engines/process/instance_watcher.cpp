#include "engines/process/instance_watcher.hpp"

#include "engines/process/sandbox/sandbox_command.hpp"

#include <array>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace pawl {

namespace {

// An event's value: twice the ticket, and one more for the init process. 0 is the wake-up.
std::uint64_t outer_event(std::uint64_t ticket) {
  return ticket * 2;
}
std::uint64_t init_event(std::uint64_t ticket) {
  return ticket * 2 + 1;
}

void add(const descriptor& epoll, const descriptor& what, std::uint64_t value) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = value;
  if (what)
    ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, what.get(), &event);
}

} // namespace

std::optional<int> recorded_exit(const std::filesystem::path& directory) {
  auto text = read_file(directory / "status", 16 * 1024);
  return text ? exit_code_in(*text) : std::nullopt;
}

instance_watcher::instance_watcher()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  add(epoll_, wake_, 0);
  thread_ = std::thread{[this] { run(); }};
}

instance_watcher::~instance_watcher() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void instance_watcher::wake() {
  ::eventfd_write(wake_.get(), 1);
}

void instance_watcher::track(subject what) {
  std::lock_guard lock{mutex_};
  auto name = what.instance.name;
  auto [at, fresh] = all_.try_emplace(name);
  auto& one = at->second;
  if (!fresh)
    return;
  one.what = std::move(what);
  one.ticket = next_ticket_++;
  add(epoll_, one.what.outer_process, outer_event(one.ticket));
  add(epoll_, one.what.init_process, init_event(one.ticket));
  if (one.what.instance.state == instance_state::exited)
    one.ended = true;
}

void instance_watcher::call_when_ended(const std::string& name,
                                       std::function<void(instance)> callback, instance unknown) {
  {
    std::lock_guard lock{mutex_};
    auto found = all_.find(name);
    if (found != all_.end() && !found->second.ended) {
      found->second.callbacks.push_back(std::move(callback));
      return;
    }
    due_.emplace_back(std::move(callback),
                      found == all_.end() ? std::move(unknown) : found->second.what.instance);
  }
  wake();
}

void instance_watcher::forget(const std::string& name) {
  {
    std::lock_guard lock{mutex_};
    auto found = all_.find(name);
    if (found == all_.end())
      return;
    if (!found->second.ended)
      end(found->second);
    reap(found->second.what.outer_process);
    all_.erase(found); // closes its descriptors, which takes them out of the epoll set
  }
  wake();
}

void instance_watcher::end(tracked& one) {
  one.ended = true;
  one.what.instance.state = instance_state::exited;
  one.what.instance.exit_status = recorded_exit(one.what.directory);
  if (one.what.complete)
    one.what.complete(one.what.instance);
  for (auto& callback : one.callbacks)
    due_.emplace_back(std::move(callback), one.what.instance);
  one.callbacks.clear();
}

// The outer process writes its status and ends when the app's command ends. If it ended without a
// status, it alone was killed, and the app runs as long as its namespace does.
void instance_watcher::handle(std::uint64_t event) {
  for (auto& [name, one] : all_) {
    if (event == outer_event(one.ticket)) {
      reap(one.what.outer_process);
      one.what.outer_process.reset();
      if (!one.ended && (recorded_exit(one.what.directory) || !one.what.init_process))
        end(one);
    }
    if (event == init_event(one.ticket)) {
      // The outer process may still be writing its status; its own event is near then.
      one.what.init_process.reset();
      if (!one.ended && !one.what.outer_process)
        end(one);
    }
  }
}

void instance_watcher::run() {
  std::array<epoll_event, 64> events{};
  while (true) {
    auto count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), -1);
    decltype(due_) due;
    {
      std::lock_guard lock{mutex_};
      if (stopping_)
        return;
      for (int i = 0; i < count; ++i) {
        auto value = events[static_cast<std::size_t>(i)].data.u64;
        if (value != 0)
          handle(value);
        eventfd_t ignored = 0;
        if (value == 0)
          ::eventfd_read(wake_.get(), &ignored);
      }
      due.swap(due_);
    }
    for (auto& [callback, instance] : due)
      callback(std::move(instance));
  }
}

} // namespace pawl
