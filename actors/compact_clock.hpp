// What the server's actors wait for: delayed messages and the timeouts of requests, kept in little
// memory. The clock of CAF 0.17.6 keeps each timeout of a request until it has passed, though the
// answer came long ago, in three allocations, with whoever asked, and wakes its thread for each: a
// deployment left 7 KiB behind for minutes (docs/decisions/0048-a-clock-of-our-own.md).
#pragma once

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/mailbox_element.hpp>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace pawl {

// Any thread may call it. What nobody here uses (receive timeouts, streams, groups) stays with the
// clock that CAF made.
class compact_clock final : public caf::detail::thread_safe_actor_clock {
public:
  explicit compact_clock(caf::actor_clock& rest);
  compact_clock(const compact_clock&) = delete;
  compact_clock& operator=(const compact_clock&) = delete;
  compact_clock(compact_clock&&) = delete;
  compact_clock& operator=(compact_clock&&) = delete;
  ~compact_clock() override { stop(); }

  // Its thread, which delivers what is due. What was to be waited for when it stops is dropped.
  void start(caf::actor_system& system);
  void stop();

  // Long ones may come up to a second late: those of a second share a place.
  void set_request_timeout(time_point due, caf::abstract_actor* asker,
                           caf::message_id request) override;
  // CAF drops the timeout of a request that was answered; so no search for it here.
  void cancel_request_timeout(caf::abstract_actor* asker, caf::message_id request) override;
  void schedule_message(time_point due, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;

  void set_ordinary_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point due, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

  // How many timeouts and messages it keeps.
  std::size_t waiting() const;

private:
  // A timeout if there is no content, else a message.
  struct entry {
    caf::strong_actor_ptr whom;
    caf::message_id request;
    caf::mailbox_element_ptr content;
  };
  using places = std::map<time_point, std::vector<entry>>; // by when they are due

  void run();
  void add(time_point due, entry one, time_point now);
  void place(time_point due, entry one); // under the lock
  void settle_young();
  time_point next() const;
  std::vector<entry> take_due(time_point now);
  std::vector<entry> take_ended();

  caf::actor_clock& rest_;
  mutable std::mutex mutex_; // of all below
  std::condition_variable changed_;
  places places_;
  std::size_t placed_ = 0; // entries
  // Of long waits, the latest: most actors that ask end soon, and what they waited for with them.
  std::vector<std::pair<time_point, entry>> young_;
  time_point young_due_ = time_point::max(); // the first of them
  time_point wakes_at_ = time_point::min();  // its thread by itself; min: it is at work
  std::size_t looks_at_;                     // so many in places: for actors that have ended
  bool stopping_ = false;
  std::thread thread_;
};

// Has a system schedule its actors as the server wants it: with this clock, and one queue with a
// lock, by which an idle server makes no context switch (measured against work stealing).
void set_up_scheduling(caf::actor_system_config& config);

} // namespace pawl
