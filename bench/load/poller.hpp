// Waits for many descriptors at once: one thread drives as many clients as there are.
#pragma once

#include "posix/descriptor.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <stdexcept>

#include <sys/epoll.h>

namespace pawl::bench {

// One thread.
class poller {
public:
  poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_)
      throw std::runtime_error("no epoll");
  }
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  void add(int fd, std::size_t index) const {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = index;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &wanted);
  }

  // Calls `ready` with the index of each that is readable, if one is within the patience.
  template <class Ready>
  void wait(std::chrono::nanoseconds patience, Ready&& ready) const {
    std::array<epoll_event, 256> events{};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
    const timespec time{static_cast<time_t>(seconds.count()),
                        static_cast<long>((patience - seconds).count())};
    const int count = ::epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                     &time, nullptr);
    for (int i = 0; i < count; ++i)
      ready(events[static_cast<std::size_t>(i)].data.u64);
  }

private:
  descriptor epoll_;
};

} // namespace pawl::bench
