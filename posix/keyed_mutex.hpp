// A mutex for each name: calls with the same name wait for each other, others do not. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace pawl {

class keyed_mutex {
public:
  // Waits until the name is free, and holds it until it is destroyed.
  class lock {
  public:
    lock(keyed_mutex& all, std::string name) : all_(all), name_(std::move(name)) {
      std::unique_lock guard{all_.mutex_};
      all_.released_.wait(guard, [this] { return !all_.held_.contains(name_); });
      all_.held_.insert(name_);
    }
    ~lock() {
      {
        std::lock_guard guard{all_.mutex_};
        all_.held_.erase(name_);
      }
      all_.released_.notify_all();
    }
    lock(const lock&) = delete;
    lock& operator=(const lock&) = delete;

  private:
    keyed_mutex& all_;
    const std::string name_;
  };

private:
  std::mutex mutex_; // guards held_
  std::condition_variable released_;
  std::set<std::string> held_;
};

} // namespace pawl
