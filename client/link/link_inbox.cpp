#include "client/link/link_inbox.hpp"

#include <fmt/format.h>

#include <sys/eventfd.h>

namespace pawl::client {

link_inbox::link_inbox(std::size_t bytes_at_most)
    : bytes_at_most_(bytes_at_most), ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void link_inbox::make_ready() {
  if (ready_)
    ::eventfd_write(ready_.get(), 1);
}

void link_inbox::quiet() {
  eventfd_t count = 0;
  if (ready_)
    ::eventfd_read(ready_.get(), &count);
}

bool link_inbox::put(protocol::envelope message, std::size_t frame_bytes) {
  {
    std::lock_guard guard{mutex_};
    if (bytes_ + frame_bytes > bytes_at_most_)
      return false;
    bytes_ += frame_bytes;
    entries_.push_back({std::move(message), frame_bytes});
    if (entries_.size() > 1)
      return true;
    make_ready();
  }
  changed_.notify_one(); // who waits takes the mutex first
  return true;
}

void link_inbox::lose(error why) {
  {
    std::lock_guard guard{mutex_};
    if (loss_)
      return;
    loss_ = std::move(why);
    make_ready();
  }
  changed_.notify_one();
}

std::optional<error> link_inbox::loss() const {
  std::lock_guard guard{mutex_};
  return loss_;
}

result<protocol::envelope> link_inbox::take(std::chrono::milliseconds timeout) {
  std::unique_lock guard{mutex_};
  if (!changed_.wait_for(guard, timeout, [&] { return !entries_.empty() || loss_; }))
    return error{
        errc::timed_out, fmt::format("the server sent nothing for {} ms", timeout.count()), {}};
  if (entries_.empty())
    return *loss_;
  auto first = std::move(entries_.front());
  entries_.pop_front();
  bytes_ -= first.frame_bytes;
  if (entries_.empty() && !loss_)
    quiet();
  return std::move(first.message);
}

} // namespace pawl::client
