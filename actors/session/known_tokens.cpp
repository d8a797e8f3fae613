#include "actors/session/known_tokens.hpp"

#include "persistence/token_digest.hpp"

#include <algorithm>

namespace pawl {

void known_tokens::content::put(const token_record& token) {
  by_name.insert_or_assign(token.name, token);
  names.insert_or_assign(token.digest, token.name);
}

std::vector<known_tokens::on_end> known_tokens::content::remove(const token_record& token) {
  if (auto known = by_name.find(token.name);
      known != by_name.end() && known->second.digest == token.digest)
    by_name.erase(known);
  names.erase(token.digest);
  std::vector<on_end> told;
  if (auto watched = watches.find(token.digest); watched != watches.end()) {
    for (auto& [id, tell] : watched->second)
      told.push_back(std::move(tell));
    watches.erase(watched);
  }
  return told;
}

void known_tokens::reload(const std::vector<token_record>& all) {
  std::vector<on_end> told;
  {
    const std::lock_guard lock{content_->mutex};
    std::vector<token_record> gone;
    for (const auto& [name, token] : content_->by_name)
      if (std::none_of(all.begin(), all.end(), [digest = token.digest](const token_record& one) {
            return one.digest == digest;
          }))
        gone.push_back(token);
    for (const auto& token : gone)
      for (auto& tell : content_->remove(token))
        told.push_back(std::move(tell));
    for (const auto& token : all)
      content_->put(token);
  }
  for (const auto& tell : told)
    tell();
}

std::vector<known_tokens::on_end> known_tokens::apply(const receipt& stored) {
  const std::lock_guard lock{content_->mutex};
  std::vector<on_end> told;
  if (stored.revoked_token)
    told = content_->remove(*stored.revoked_token);
  for (const auto& expired : stored.expired_tokens)
    for (auto& tell : content_->remove(expired))
      told.push_back(std::move(tell));
  if (stored.token)
    content_->put(*stored.token);
  return told;
}

std::optional<token_record> known_tokens::find(std::string_view name) const {
  const std::lock_guard lock{content_->mutex};
  auto known = content_->by_name.find(name);
  return known == content_->by_name.end() ? std::nullopt : std::optional{known->second};
}

// Where in the map it is looked for tells of the digest's bytes, which nobody can choose; that it
// is the same is seen in constant time.
std::optional<token_record> known_tokens::holder(const secret& text) const {
  const auto digest = token_digest(text);
  const std::lock_guard lock{content_->mutex};
  auto name = content_->names.find(digest);
  if (name == content_->names.end())
    return std::nullopt;
  auto known = content_->by_name.find(name->second);
  if (known == content_->by_name.end() || !same_in_constant_time(known->second.digest, digest))
    return std::nullopt;
  return known->second;
}

std::vector<token_record> known_tokens::list() const {
  const std::lock_guard lock{content_->mutex};
  std::vector<token_record> all;
  for (const auto& [name, token] : content_->by_name)
    all.push_back(token);
  return all;
}

std::shared_ptr<void> known_tokens::watch(const token_record& token, on_end tell) {
  const std::lock_guard lock{content_->mutex};
  if (!content_->names.contains(token.digest))
    return nullptr;
  const auto id = ++content_->last_watch;
  content_->watches[token.digest].emplace(id, std::move(tell));
  auto forget = [of = content_, digest = token.digest, id](const void*) {
    const std::lock_guard forgetting{of->mutex};
    auto watched = of->watches.find(digest);
    if (watched == of->watches.end())
      return;
    watched->second.erase(id);
    if (watched->second.empty())
      of->watches.erase(watched);
  };
  return {content_.get(), std::move(forget)};
}

} // namespace pawl
