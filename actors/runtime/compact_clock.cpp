#include "actors/runtime/compact_clock.hpp"

#include <caf/actor_cast.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/logger.hpp>
#include <caf/sec.hpp>

#include <algorithm>

namespace pawl {

namespace {

// Nothing if it is being destroyed.
caf::strong_actor_ptr kept_alive(caf::abstract_actor* who) {
  auto* block = caf::actor_control_block::from(who);
  return caf::intrusive_ptr_upgrade_weak(block) ? caf::strong_actor_ptr{block, false} : nullptr;
}

} // namespace

compact_clock::compact_clock(caf::actor_clock& rest) : rest_(rest) {}

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
  while (!stopping_) {
    wakes_at_ = time_point::min();
    if (order_.empty()) {
      wakes_at_ = time_point::max();
      changed_.wait(lock);
    } else if (order_.begin()->first > now()) {
      wakes_at_ = order_.begin()->first;
      changed_.wait_until(lock, wakes_at_);
    } else {
      // Delivers and releases the message without the lock: an actor may end with it, and its end
      // calls cancel_timeouts().
      auto due = take_first();
      lock.unlock();
      if (due.what.content)
        due.whom->enqueue(std::move(due.what.content), nullptr);
      else if (due.whom)
        due.whom->get()->eq_impl(due.what.request, due.whom, nullptr, caf::sec::request_timeout);
      due = {};
      lock.lock();
    }
  }
}

void compact_clock::add(caf::abstract_actor* whose, entry one) {
  const std::scoped_lock lock{mutex_};
  const auto due = one.due;
  order_.emplace(due, whose);
  entries_[whose].push_back(std::move(one));
  if (due < wakes_at_)
    changed_.notify_one();
}

compact_clock::delivery compact_clock::take_first() {
  const auto [due, whose] = *order_.begin();
  const auto found = entries_.find(whose);
  auto which = std::find_if(found->second.begin(), found->second.end(),
                            [due = due](const entry& one) { return one.due == due; });
  auto one = take(found, which);
  auto whom = one.receiver ? std::move(one.receiver) : kept_alive(whose);
  return {std::move(whom), std::move(one)};
}

compact_clock::entry
compact_clock::take(std::unordered_map<caf::abstract_actor*, entries>::iterator whose,
                    entries::iterator which) {
  order_.erase(order_.find({which->due, whose->first}));
  auto one = std::move(*which);
  whose->second.erase(which);
  if (whose->second.empty())
    entries_.erase(whose);
  return one;
}

void compact_clock::set_request_timeout(time_point due, caf::abstract_actor* asker,
                                        caf::message_id request) {
  add(asker, {due, request, nullptr, nullptr});
}

void compact_clock::cancel_request_timeout(caf::abstract_actor* asker, caf::message_id request) {
  const auto id = request.request_id();
  const std::scoped_lock lock{mutex_};
  const auto found = entries_.find(asker);
  if (found == entries_.end())
    return;
  const auto which =
      std::find_if(found->second.begin(), found->second.end(), [&](const entry& one) {
        return !one.content && one.request.request_id() == id;
      });
  if (which != found->second.end())
    take(found, which);
}

void compact_clock::schedule_message(time_point due, caf::strong_actor_ptr receiver,
                                     caf::mailbox_element_ptr content) {
  auto* whose = receiver->get();
  add(whose, {due, {}, std::move(receiver), std::move(content)});
}

void compact_clock::cancel_timeouts(caf::abstract_actor* self) {
  entries dropped; // released without the lock
  {
    const std::scoped_lock lock{mutex_};
    if (const auto found = entries_.find(self); found != entries_.end()) {
      for (const auto& one : found->second)
        order_.erase(order_.find({one.due, self}));
      dropped = std::move(found->second);
      entries_.erase(found);
    }
  }
  if (rest_is_used_)
    rest_.cancel_timeouts(self);
}

void compact_clock::set_ordinary_timeout(time_point due, caf::abstract_actor* self,
                                         caf::atom_value type, std::uint64_t id) {
  rest_is_used_ = true;
  rest_.set_ordinary_timeout(due, self, type, id);
}

void compact_clock::set_multi_timeout(time_point due, caf::abstract_actor* self,
                                      caf::atom_value type, std::uint64_t id) {
  rest_is_used_ = true;
  rest_.set_multi_timeout(due, self, type, id);
}

void compact_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  if (rest_is_used_)
    rest_.cancel_ordinary_timeout(self, type);
}

void compact_clock::schedule_message(time_point due, caf::group target,
                                     caf::strong_actor_ptr sender, caf::message content) {
  rest_.schedule_message(due, std::move(target), std::move(sender), std::move(content));
}

void compact_clock::cancel_all() {
  std::unordered_map<caf::abstract_actor*, entries> dropped;
  {
    const std::scoped_lock lock{mutex_};
    dropped.swap(entries_);
    order_.clear();
  }
  rest_.cancel_all();
}

std::size_t compact_clock::waiting() const {
  const std::scoped_lock lock{mutex_};
  return order_.size();
}

} // namespace pawl
