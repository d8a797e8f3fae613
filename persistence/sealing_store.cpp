#include "persistence/sealing_store.hpp"

#include <algorithm>

namespace pawl {

std::vector<result<receipt>> sealing_store::commit(std::span<const change> changes) {
  if (std::none_of(changes.begin(), changes.end(),
                   [](const change& one) { return one.configuration.has_value(); }))
    return below().commit(changes);
  std::vector<change> sealed;
  std::vector<std::optional<error>> refused;
  for (const auto& one : changes) {
    auto ready = one;
    auto done = one.configuration ? vault_->seal(*ready.configuration) : result<void>{};
    refused.push_back(done ? std::nullopt : std::optional{std::move(done).error()});
    if (!refused.back())
      sealed.push_back(std::move(ready));
  }
  auto stored = below().commit(sealed);
  std::vector<result<receipt>> all;
  auto next = stored.begin();
  for (auto& why : refused) {
    if (why)
      all.emplace_back(*std::move(why));
    else
      all.push_back(std::move(*next++));
  }
  return all;
}

} // namespace pawl
