#include "engines/logs/log_watcher.hpp"

#include "engines/logs/instance_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace pawl {

namespace {

using namespace std::chrono_literals;

// The time between two looks at one log: while it is followed or grows fast, and otherwise. At 2
// GB/s, the speed of memory, a log is then at most some hundred MB over its bound.
constexpr auto short_pause = 50ms;
constexpr auto long_pause = 250ms;
constexpr auto blind_pause = 1s; // without inotify
constexpr std::uint64_t fast_bytes = 4 * limits::mib;

} // namespace

log_watcher::log_watcher(std::filesystem::path directory)
    : directory_(std::move(directory)), inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread{[this] { run(); }};
}

log_watcher::~log_watcher() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void log_watcher::wake() {
  ::eventfd_write(wake_.get(), 1);
}

void log_watcher::track(const std::string& name) {
  {
    std::lock_guard lock{mutex_};
    auto& one = all_[name];
    if (one.times)
      return;
    one.times.emplace(directory_ / name);
    one.due = clock::now();
  }
  wake();
}

void log_watcher::forget(const std::string& name) {
  callbacks calls;
  {
    std::lock_guard lock{mutex_};
    auto found = all_.find(name);
    if (found == all_.end())
      return;
    for (const auto& one : found->second.waiters)
      if (auto callback = one.callback.lock())
        calls.push_back(std::move(callback));
    if (found->second.times)
      found->second.times->note(log_extent(directory_ / name));
    if (found->second.watch >= 0)
      ::inotify_rm_watch(inotify_.get(), found->second.watch);
    all_.erase(found);
  }
  for (const auto& call : calls)
    (*call)();
}

std::shared_ptr<void> log_watcher::call_when_longer(const std::string& name, std::uint64_t size,
                                                    std::function<void()> callback) {
  auto kept = std::make_shared<std::function<void()>>(std::move(callback));
  {
    std::lock_guard lock{mutex_};
    auto& one = all_[name];
    std::erase_if(one.waiters, [](const auto& other) { return other.callback.expired(); });
    one.waiters.push_back({size, kept});
    one.due = std::max(clock::now(), one.looked + short_pause);
  }
  wake();
  return kept;
}

log_watcher::clock::duration log_watcher::pause_of(const watched& one, bool fast) {
  return fast || !one.waiters.empty() ? short_pause : long_pause;
}

void log_watcher::look(const std::string& name, watched& one, clock::time_point now,
                       callbacks& calls) {
  auto log = directory_ / name;
  one.due.reset();
  one.looked = now;
  auto present = log_extent(log);
  auto before = std::exchange(one.size, present.size);
  if (one.times) { // the hole counts as a write
    one.times->note(present);
    bound_log(log, running_log_most, running_log_kept);
  }
  std::erase_if(one.waiters, [&](const waiter& who) {
    auto callback = who.callback.lock();
    if (callback && one.size > who.size)
      calls.push_back(callback);
    return !callback || one.size > who.size;
  });
  if (one.times && one.size > before + fast_bytes)
    one.due = now + pause_of(one, true);
  else if (one.times)
    arm(name, one, now);
}

// Asks for one event; no more come until the log was looked at.
void log_watcher::arm(const std::string& name, watched& one, clock::time_point now) {
  auto log = directory_ / name;
  if (one.watch < 0)
    one.watch = ::inotify_add_watch(inotify_.get(), log.c_str(), IN_MODIFY | IN_ONESHOT);
  if (one.watch < 0)
    one.due = now + blind_pause;
  else if (log_size(log) != one.size) // it grew before the watch was there
    one.due = now + pause_of(one, false);
}

void log_watcher::take_events() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  while (true) {
    auto got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0)
      return;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event + event.len;
      for (auto& [name, one] : all_)
        if (one.watch >= 0 && one.watch == event.wd) {
          one.watch = -1;
          one.due = std::max(clock::now(), one.looked + pause_of(one, false));
        }
    }
  }
}

// Milliseconds, as poll takes them.
int log_watcher::until_next(clock::time_point now) const {
  std::optional<clock::time_point> next;
  for (const auto& [name, one] : all_)
    if (one.due && (!next || *one.due < *next))
      next = one.due;
  if (!next)
    return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - now);
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

void log_watcher::run() {
  while (true) {
    callbacks calls;
    int timeout = -1;
    {
      std::lock_guard lock{mutex_};
      if (stopping_)
        return;
      eventfd_t ignored = 0;
      ::eventfd_read(wake_.get(), &ignored);
      take_events();
      auto now = clock::now();
      for (auto& [name, one] : all_)
        if (one.due && *one.due <= now)
          look(name, one, now, calls);
      std::erase_if(all_, [](const auto& entry) {
        return !entry.second.times && entry.second.waiters.empty();
      });
      timeout = until_next(clock::now());
    }
    for (const auto& call : calls)
      (*call)();
    calls.clear();
    std::array<pollfd, 2> waiting{{{inotify_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), timeout);
  }
}

} // namespace pawl
