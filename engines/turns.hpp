// One at a time under each name: whoever comes while another works under it waits. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace pawl {

class turns {
public:
  // Works under the name for as long as it lives.
  class turn {
  public:
    turn(turns& all, std::string name) : all_(all), name_(std::move(name)) {
      std::unique_lock lock{all_.mutex_};
      all_.over_.wait(lock, [this] { return !all_.taken_.contains(name_); });
      all_.taken_.insert(name_);
    }
    ~turn() {
      {
        std::lock_guard lock{all_.mutex_};
        all_.taken_.erase(name_);
      }
      all_.over_.notify_all();
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;

  private:
    turns& all_;
    const std::string name_;
  };

private:
  std::mutex mutex_; // guards taken_
  std::condition_variable over_;
  std::set<std::string> taken_;
};

} // namespace pawl
