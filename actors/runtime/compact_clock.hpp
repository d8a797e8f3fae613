// The clock of the server's actors: keeps delayed messages and the timeouts of requests, each only
// until nobody waits for it any more. The clock of CAF 0.17.6 keeps the timeout of a request, and
// with it the actor that asked, until the timeout has passed, even when the answer came long ago,
// and wakes its thread for each: a deployment left 7 KiB behind for hours
// (docs/decisions/0048-a-clock-of-our-own.md).
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/mailbox_element.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pawl {

// Any thread may call it. Timeouts that this project does not use (receive timeouts, streams,
// groups) stay with the clock that CAF made.
class compact_clock final : public caf::detail::thread_safe_actor_clock {
public:
  explicit compact_clock(caf::actor_clock& rest);
  compact_clock(const compact_clock&) = delete;
  compact_clock& operator=(const compact_clock&) = delete;
  compact_clock(compact_clock&&) = delete;
  compact_clock& operator=(compact_clock&&) = delete;
  ~compact_clock() override { stop(); }

  // Starts the thread that delivers what is due. stop() drops everything that is not due yet.
  void start(caf::actor_system& system);
  void stop();

  void set_request_timeout(time_point due, caf::abstract_actor* asker,
                           caf::message_id request) override;
  // The answer has come: asking.hpp calls it, CAF does not.
  void cancel_request_timeout(caf::abstract_actor* asker, caf::message_id request) override;
  // A message keeps its receiver until it is due, or the receiver has ended.
  void schedule_message(time_point due, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  // CAF calls it when an actor ends, in front of its destruction at the latest.
  void cancel_timeouts(caf::abstract_actor* self) override;

  void set_ordinary_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void schedule_message(time_point due, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

  // How many timeouts and messages it keeps.
  std::size_t waiting() const;

private:
  // A timeout if there is no content, else a message.
  struct entry {
    time_point due;
    caf::message_id request;
    caf::strong_actor_ptr receiver; // of a message; whoever asks is not kept
    caf::mailbox_element_ptr content;
  };
  struct delivery {
    caf::strong_actor_ptr whom;
    entry what;
  };
  using entries = std::vector<entry>; // of one actor, in the order in which they came

  void run();
  void add(caf::abstract_actor* whose, entry one);
  delivery take_first(); // under the lock, as all below
  entry take(std::unordered_map<caf::abstract_actor*, entries>::iterator whose,
             entries::iterator which);

  caf::actor_clock& rest_;
  std::atomic<bool> rest_is_used_ = false;
  mutable std::mutex mutex_; // of all below
  std::condition_variable changed_;
  std::unordered_map<caf::abstract_actor*, entries> entries_;
  std::multiset<std::pair<time_point, caf::abstract_actor*>> order_; // one for each entry
  time_point wakes_at_ = time_point::min(); // its thread by itself; min: it is at work
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace pawl
