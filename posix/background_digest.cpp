#include "posix/background_digest.hpp"

#include "lifecycle/limits.hpp"

#include <system_error>
#include <utility>

namespace pawl {

background_digest::~background_digest() {
  {
    const std::lock_guard lock{mutex_};
    waiting_.clear();
  }
  end_thread();
}

void background_digest::add(std::vector<char> bytes) {
  if (!thread_.joinable() && !start_thread()) {
    alone_ += bytes.size();
    return sum_.add({bytes.data(), bytes.size()});
  }
  std::unique_lock lock{mutex_};
  moved_.wait(lock,
              [&] { return backlog_ == 0 || backlog_ + bytes.size() <= limits::digest_backlog; });
  backlog_ += bytes.size();
  waiting_.push_back(std::move(bytes));
  lock.unlock();
  moved_.notify_all();
}

bool background_digest::start_thread() {
  if (alone_ < limits::digest_backlog)
    return false;
  try {
    thread_ = std::thread{[this] { run(); }};
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

std::string background_digest::text() {
  end_thread();
  return sum_.text();
}

void background_digest::end_thread() {
  if (!thread_.joinable())
    return;
  {
    const std::lock_guard lock{mutex_};
    ended_ = true;
  }
  moved_.notify_all();
  thread_.join();
}

void background_digest::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    moved_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty())
      return;
    const auto bytes = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    sum_.add({bytes.data(), bytes.size()});
    lock.lock();
    backlog_ -= bytes.size();
    moved_.notify_all();
  }
}

} // namespace pawl
