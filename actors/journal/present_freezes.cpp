#include "actors/journal/present_freezes.hpp"

#include "lifecycle/bounded_text.hpp"

#include <fmt/format.h>

namespace pawl {

void present_freezes::load(const store& records) {
  auto known = records.freezes();
  if (known)
    return replace(*std::move(known));
  const auto why = fmt::format("the freezes cannot be read: {}", known.error().message);
  replace({{.app = {},
            .cluster = {},
            .reason = shortened(why, limits::reason_bytes),
            .by = "pawl",
            .at = {},
            .until = {}}});
}

void present_freezes::note(const receipt& stored) {
  if (!stored.freeze && !stored.lifted)
    return;
  auto now = *all();
  const auto forget = [&now](const freeze_record& gone) {
    std::erase_if(now, [&](const freeze_record& one) { return scope_of(one) == scope_of(gone); });
  };
  forget(stored.freeze ? *stored.freeze : *stored.lifted);
  for (const auto& over : stored.over_freezes)
    forget(over);
  if (stored.freeze)
    now.push_back(*stored.freeze);
  replace(std::move(now));
}

std::optional<lane_freeze> present_freezes::find(const lane_key& lane, timestamp now,
                                                 std::span<const freeze_window> windows) const {
  return find_freeze(lane, now, *all(), windows);
}

std::shared_ptr<const present_freezes::list> present_freezes::all() const {
  std::scoped_lock lock{mutex_};
  return all_;
}

void present_freezes::replace(list all) {
  auto next = std::make_shared<const list>(std::move(all));
  std::scoped_lock lock{mutex_};
  all_ = std::move(next);
}

} // namespace pawl
