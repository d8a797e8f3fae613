#include "actors/session/user_connections.hpp"

#include "lifecycle/places.hpp"

#include <fmt/format.h>

namespace pawl {

namespace {

error too_many_connections(const std::string& user, std::size_t own) {
  return {errc::resource_exhausted,
          fmt::format("{} has {} connections open, and no more are left for others: end commands "
                      "that nobody reads, such as pawl logs and pawl attach, or wait until some "
                      "have ended",
                      user, own),
          {}};
}

} // namespace

result<std::shared_ptr<void>> user_connections::open(const std::string& user) {
  const std::lock_guard lock{content_->mutex};
  const auto known = content_->by_user.find(user);
  const auto own = known == content_->by_user.end() ? 0 : known->second;
  if (!may_take_another(own, content_->taken, content_->places))
    return too_many_connections(user, own);
  return count(content_, user);
}

std::shared_ptr<void> user_connections::open_for_owner(const std::string& user) {
  const std::lock_guard lock{content_->mutex};
  return count(content_, user);
}

std::shared_ptr<void> user_connections::count(const std::shared_ptr<content>& in,
                                              const std::string& user) {
  ++in->taken;
  ++in->by_user[user];
  return {in.get(), [in, user](const void*) {
            const std::lock_guard lock{in->mutex};
            --in->taken;
            const auto own = in->by_user.find(user);
            if (--own->second == 0)
              in->by_user.erase(own);
          }};
}

} // namespace pawl
