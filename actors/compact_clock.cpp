#include "actors/compact_clock.hpp"

#include <caf/actor_cast.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/logger.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <iterator>

namespace pawl {

namespace {

using time_point = compact_clock::time_point;

constexpr std::size_t few = 4096; // in places: not worth a look for actors that have ended
constexpr std::size_t many_young = 1024;
constexpr auto long_wait = std::chrono::seconds{16};

time_point shared_place(time_point due, time_point now) {
  return due - now < long_wait ? due : std::chrono::ceil<std::chrono::seconds>(due);
}

bool has_ended(const caf::strong_actor_ptr& who) {
  return who->get()->getf(caf::abstract_actor::is_cleaned_up_flag);
}

using work_sharing = caf::scheduler::coordinator<caf::policy::work_sharing>;

class server_scheduler final : public work_sharing {
public:
  explicit server_scheduler(caf::actor_system& system)
      : work_sharing(system), clock_(work_sharing::clock()) {}

  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>) {
    return new server_scheduler(system); // the system owns its modules
  }

  compact_clock& clock() noexcept override { return clock_; }

protected:
  void start() override {
    work_sharing::start();
    clock_.start(system());
  }

  void stop() override {
    clock_.stop();
    work_sharing::stop();
  }

private:
  compact_clock clock_;
};

} // namespace

compact_clock::compact_clock(caf::actor_clock& rest) : rest_(rest), looks_at_(few) {}

void compact_clock::start(caf::actor_system& system) {
  thread_ = std::thread{[this, &system] {
    CAF_SET_LOGGER_SYS(&system);
    caf::detail::set_thread_name("pawl.clock");
    system.thread_started();
    run();
    system.thread_terminates();
  }};
}

void compact_clock::stop() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable())
    thread_.join();
  cancel_all();
}

void compact_clock::run() {
  std::unique_lock lock{mutex_};
  // What has been taken is delivered and let go without the lock: an actor may end with it, and
  // its end may come back here.
  auto without_lock = [&](std::vector<entry> taken, auto&& use) {
    lock.unlock();
    for (auto& one : taken)
      use(one);
    taken.clear();
    lock.lock();
  };
  while (!stopping_) {
    wakes_at_ = time_point::min();
    const auto now = this->now();
    if (young_due_ <= now) {
      lock.unlock();
      settle_young();
      lock.lock();
    }
    if (placed_ >= looks_at_) {
      auto ended = take_ended();
      looks_at_ = std::max(few, 2 * placed_);
      without_lock(std::move(ended), [](entry&) {});
    }
    if (auto due = take_due(now); !due.empty()) {
      without_lock(std::move(due), [](entry& one) {
        if (one.content)
          one.whom->enqueue(std::move(one.content), nullptr);
        else
          one.whom->get()->eq_impl(one.request, one.whom, nullptr, caf::sec::request_timeout);
      });
      continue;
    }
    wakes_at_ = next();
    if (wakes_at_ == time_point::max())
      changed_.wait(lock);
    else
      changed_.wait_until(lock, wakes_at_);
  }
}

void compact_clock::add(time_point due, entry one, time_point now) {
  bool full = false;
  {
    const std::scoped_lock lock{mutex_};
    if (due - now >= long_wait) {
      young_.emplace_back(due, std::move(one));
      young_due_ = std::min(young_due_, due);
      full = young_.size() >= many_young;
    } else {
      place(due, std::move(one));
    }
    if (due < wakes_at_)
      changed_.notify_one();
  }
  if (full)
    settle_young();
}

void compact_clock::place(time_point due, entry one) {
  places_[due].push_back(std::move(one));
  ++placed_;
}

// Called without the lock: an actor may end with what is let go.
void compact_clock::settle_young() {
  std::vector<std::pair<time_point, entry>> young;
  {
    const std::scoped_lock lock{mutex_};
    young.swap(young_);
    young_due_ = time_point::max();
  }
  std::erase_if(young, [](const auto& one) { return has_ended(one.second.whom); });
  const std::scoped_lock lock{mutex_};
  for (auto& [due, one] : young)
    place(due, std::move(one));
  if (placed_ >= looks_at_)
    changed_.notify_one();
}

time_point compact_clock::next() const {
  return places_.empty() ? young_due_ : std::min(places_.begin()->first, young_due_);
}

std::vector<compact_clock::entry> compact_clock::take_due(time_point now) {
  std::vector<entry> due;
  while (!places_.empty() && places_.begin()->first <= now) {
    auto& here = places_.begin()->second;
    placed_ -= here.size();
    due.insert(due.end(), std::make_move_iterator(here.begin()),
               std::make_move_iterator(here.end()));
    places_.erase(places_.begin());
  }
  return due;
}

std::vector<compact_clock::entry> compact_clock::take_ended() {
  std::vector<entry> ended;
  for (auto& [due, here] : places_) {
    auto gone = std::stable_partition(here.begin(), here.end(),
                                      [](const entry& one) { return !has_ended(one.whom); });
    ended.insert(ended.end(), std::make_move_iterator(gone), std::make_move_iterator(here.end()));
    here.erase(gone, here.end());
  }
  std::erase_if(places_, [](const auto& place) { return place.second.empty(); });
  placed_ -= ended.size();
  return ended;
}

void compact_clock::set_request_timeout(time_point due, caf::abstract_actor* asker,
                                        caf::message_id request) {
  const auto now = this->now();
  add(shared_place(due, now), {caf::actor_cast<caf::strong_actor_ptr>(asker), request, nullptr},
      now);
}

void compact_clock::cancel_request_timeout(caf::abstract_actor*, caf::message_id) {}

void compact_clock::schedule_message(time_point due, caf::strong_actor_ptr receiver,
                                     caf::mailbox_element_ptr content) {
  add(due, {std::move(receiver), {}, std::move(content)}, now());
}

void compact_clock::set_ordinary_timeout(time_point due, caf::abstract_actor* self,
                                         caf::atom_value type, std::uint64_t id) {
  rest_.set_ordinary_timeout(due, self, type, id);
}

void compact_clock::set_multi_timeout(time_point due, caf::abstract_actor* self,
                                      caf::atom_value type, std::uint64_t id) {
  rest_.set_multi_timeout(due, self, type, id);
}

void compact_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  rest_.cancel_ordinary_timeout(self, type);
}

void compact_clock::cancel_timeouts(caf::abstract_actor* self) {
  rest_.cancel_timeouts(self);
}

void compact_clock::schedule_message(time_point due, caf::group target,
                                     caf::strong_actor_ptr sender, caf::message content) {
  rest_.schedule_message(due, std::move(target), std::move(sender), std::move(content));
}

void compact_clock::cancel_all() {
  places dropped;
  std::vector<std::pair<time_point, entry>> young;
  {
    const std::scoped_lock lock{mutex_};
    dropped.swap(places_);
    young.swap(young_);
    placed_ = 0;
    young_due_ = time_point::max();
  }
  rest_.cancel_all();
}

std::size_t compact_clock::waiting() const {
  const std::scoped_lock lock{mutex_};
  return placed_ + young_.size();
}

void set_up_scheduling(caf::actor_system_config& config) {
  config.load<server_scheduler>();
}

} // namespace pawl
