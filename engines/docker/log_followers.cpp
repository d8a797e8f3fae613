#include "engines/docker/log_followers.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::chrono::milliseconds follower_look{1000};

} // namespace

log_followers::log_followers(const docker_host& host, const container_records& records,
                             file_instance_logs& logs)
    : host_(host), records_(records), logs_(logs) {
  thread_ = std::thread{[this] { run(); }};
}

log_followers::~log_followers() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  set_.wake();
  thread_.join();
}

// Without them nothing is copied: the daemon keeps it until they can be opened again.
std::optional<redaction_table> log_followers::secrets_of(const std::string& name) const {
  const auto record = records_.read(name);
  const auto& variables = host_.config().variables;
  if (!record || !record->config || !variables)
    return redaction_table{};
  auto all = variables->variables(record->known.lane, *record->config);
  return all ? std::optional{redaction_table::of(*all)} : std::nullopt;
}

// One call after another: of two for one instance, the second would end the first's copying under
// the thread's hands.
void log_followers::follow(const std::string& name, const std::string& container) {
  const std::lock_guard turn{turn_};
  {
    std::lock_guard lock{mutex_};
    const auto known = all_.find(name);
    if (known != all_.end() && !known->second->ended && known->second->container == container)
      return;
  }
  forget(name);
  auto redacted = secrets_of(name);
  if (!redacted)
    return;
  auto log = logs_.open(name);
  if (!log)
    return;
  auto copied = copied_log::open(*std::move(log), records_.directory_of(name) / "output", container,
                                 *std::move(redacted));
  if (!copied)
    return;
  auto target = host_.client().versioned((*copied)->query());
  if (!target)
    return;
  auto fresh = std::make_shared<follower>();
  fresh->container = container;
  fresh->log = *std::move(copied);
  fresh->transfer = std::make_unique<api_transfer>(
      host_.client().socket(),
      api_call{.target = *std::move(target),
               .take = [to = fresh->log.get()](std::string_view bytes) { return to->take(bytes); },
               .limit = std::chrono::milliseconds{0}});
  {
    std::lock_guard lock{mutex_};
    all_[name] = std::move(fresh);
  }
  set_.wake();
}

void log_followers::finish(const std::string& name, std::chrono::milliseconds most) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, most, [&] {
    const auto found = all_.find(name);
    return found == all_.end() || found->second->ended;
  });
}

// Waits for the thread: after it, nobody writes to the log.
void log_followers::forget(const std::string& name) {
  std::unique_lock lock{mutex_};
  const auto found = all_.find(name);
  if (found == all_.end())
    return;
  const auto gone = found->second;
  all_.erase(found);
  forgotten_.push_back(gone);
  set_.wake();
  changed_.wait(lock, [&] {
    return std::find(forgotten_.begin(), forgotten_.end(), gone) == forgotten_.end();
  });
}

// Carries out the requests that came since the thread's last step.
void log_followers::take_over() {
  std::lock_guard lock{mutex_};
  for (const auto& one : forgotten_) {
    if (one->begun && !one->ended)
      set_.remove(*one->transfer);
    one->log->finish();
  }
  forgotten_.clear();
  for (auto& [name, one] : all_)
    if (!one->begun) {
      one->begun = true;
      set_.add(*one->transfer);
    }
  changed_.notify_all();
}

void log_followers::run() {
  while (true) {
    take_over();
    const auto ended = set_.step(follower_look);
    std::lock_guard lock{mutex_};
    for (const auto& [which, end] : ended)
      for (auto& [name, one] : all_)
        if (one->transfer.get() == which) {
          one->ended = true;
          if (end)
            one->log->finish();
        }
    for (const auto& one : forgotten_) // it ended in this step
      for (const auto& [which, end] : ended)
        one->ended = one->ended || one->transfer.get() == which;
    if (!ended.empty())
      changed_.notify_all();
    if (stopping_)
      break;
  }
  std::lock_guard lock{mutex_};
  for (auto& [name, one] : all_)
    if (one->begun && !one->ended)
      set_.remove(*one->transfer);
}

} // namespace pawl
