// The messages that a link has received and its reader has not taken yet. Any thread may call any
// function.
#pragma once

#include "lifecycle/result.hpp"
#include "posix/descriptor.hpp"
#include "protocol/messages.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace pawl::client {

class link_inbox {
public:
  explicit link_inbox(std::size_t bytes_at_most);
  link_inbox(const link_inbox&) = delete;
  link_inbox& operator=(const link_inbox&) = delete;

  // Appends a message whose frame had so many bytes. False, and nothing is appended, when the inbox
  // would be over its bound.
  bool put(protocol::envelope message, std::size_t frame_bytes);

  // Nothing will come any more. The first reason stays.
  void lose(error why);

  // Why the link was lost, if it was.
  std::optional<error> loss() const;

  // The first message; after the last one of a lost link the reason; timed_out.
  result<protocol::envelope> take(std::chrono::milliseconds timeout);

  // Readable when take() would not wait. -1 if the system had no descriptor for it.
  int ready_descriptor() const noexcept { return ready_.get(); }

private:
  struct entry {
    protocol::envelope message;
    std::size_t frame_bytes;
  };

  void make_ready();
  void quiet();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<entry> entries_;
  std::size_t bytes_ = 0;
  std::size_t bytes_at_most_;
  std::optional<error> loss_;
  descriptor ready_; // an eventfd; its counter is over 0 while there are entries, or a loss
};

} // namespace pawl::client
