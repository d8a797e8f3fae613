#include "actors/lane/deadlines.hpp"

#include "lifecycle/deadlines.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>

namespace pawl {

void deadlines::wait_for(purpose what, state_visit of, duration wait) {
  // Not each time: to find the void ones costs a step for each that there is.
  if (entries_.size() > 2 * (facts_.queue().size() + 2))
    forget_void_ones();
  entries_.push_back({what, std::move(of), now_() + wait});
  wake_for(entries_.back());
}

bool deadlines::waits_for(purpose what, const state_visit& of) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const entry& one) { return one.what == what && one.of == of; });
}

void deadlines::arm(const deployment& d, timestamp now) {
  if (auto left = time_left(d, now))
    wait_for(purpose::leave_state, {d.id, d.transitions.size()}, *left);
}

void deadlines::pass(const std::function<void(const entry&)>& passed) {
  const auto now = now_();
  if (next_ && *next_ <= now)
    next_.reset();
  auto due = std::stable_partition(entries_.begin(), entries_.end(),
                                   [&](const entry& one) { return one.due > now; });
  const std::vector<entry> over{std::make_move_iterator(due),
                                std::make_move_iterator(entries_.end())};
  entries_.erase(due, entries_.end());
  for (const auto& one : over)
    if (facts_.is_current(one.of)) // a void one stays so
      passed(one);
  auto first = std::min_element(entries_.begin(), entries_.end(),
                                [](const auto& a, const auto& b) { return a.due < b.due; });
  if (first != entries_.end())
    wake_for(*first);
}

void deadlines::forget_void_ones() {
  std::unordered_set<std::string_view> queued;
  for (const auto& one : facts_.queue())
    queued.insert(one.id);
  std::erase_if(entries_, [&](const entry& one) {
    return !facts_.still(one.of) && !queued.contains(one.of.deployment);
  });
}

void deadlines::wake_for(const entry& one) {
  if (next_ && *next_ <= one.due)
    return;
  next_ = one.due;
  wake_(one.due - now_());
}

} // namespace pawl
