#include "actors/session/key_keeper.hpp"

#include "actors/runtime/own_thread.hpp"
#include "actors/session/authentication.hpp"
#include "actors/session/key_fetcher.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

error issuer_is_silent() {
  return {errc::unavailable,
          "the issuer of the token cannot be asked for its keys now: try again in a minute",
          {}};
}

std::optional<std::chrono::milliseconds> since(const std::optional<kept_keys::time_point>& then,
                                               kept_keys::time_point now) {
  if (!then)
    return std::nullopt;
  return std::chrono::floor<std::chrono::milliseconds>(now - *then);
}

} // namespace

key_step kept_keys::next_step(std::string_view key, time_point now) const {
  return next_key_step({since(fetched_, now), since(tried_, now), fetching_, failed_},
                       keys_ && keys_->has(key));
}

void kept_keys::note_begin(time_point now) {
  tried_ = now;
  fetching_ = true;
}

std::vector<kept_keys::login> kept_keys::note_end(std::shared_ptr<const key_set> fetched,
                                                  time_point now) {
  fetching_ = false;
  failed_ = fetched == nullptr;
  if (fetched) {
    keys_ = std::move(fetched);
    fetched_ = now;
  }
  return std::exchange(waiting_, {});
}

bool kept_keys::may_report(bool is_signed, time_point now) {
  auto& last = reported_.at(is_signed ? 1 : 0);
  if (last && now - *last < limits::refusals_report)
    return false;
  last = now;
  return true;
}

std::size_t key_keeper_state::find(std::string_view url) const {
  const auto found = std::find_if(issuers.begin(), issuers.end(),
                                  [&](const kept_keys& one) { return one.issuer().url == url; });
  return static_cast<std::size_t>(found - issuers.begin());
}

caf::result<result<principal>> key_keeper_state::check(const check_token& asked) {
  const auto heading = parts.client->heading(asked.token);
  const auto which = heading ? find(heading->issuer) : issuers.size();
  if (which == issuers.size())
    return result<principal>{no_valid_credential()};
  auto& kept = issuers[which];
  const auto step = kept.next_step(heading->key, self->clock().now());
  if (step == key_step::check_and_fetch)
    fetch(which);
  if (step == key_step::check || step == key_step::check_and_fetch)
    return check_by_keys(kept, asked);
  if (step == key_step::refuse) {
    report(kept, false, "its key is none of the issuer's");
    return result<principal>{no_valid_credential()};
  }
  if (step == key_step::unavailable || !kept.may_wait())
    return result<principal>{issuer_is_silent()};
  auto promise = self->make_response_promise<result<principal>>();
  kept.wait({asked, heading->key, promise});
  if (step == key_step::fetch)
    fetch(which);
  return promise;
}

void key_keeper_state::fetch(std::size_t which) {
  issuers[which].note_begin(self->clock().now());
  auto made = spawn_with_thread(self->home_system(), key_fetcher, parts.client);
  if (!made)
    return finish(which, std::move(made).error());
  const auto fetcher = *std::move(made);
  self->request(fetcher, limits::issuer_patience, fetch_keys{issuers[which].issuer()})
      .then(
          [this, which, fetcher](result<std::shared_ptr<const key_set>>& got) {
            self->send_exit(fetcher, caf::exit_reason::user_shutdown);
            finish(which, std::move(got));
          },
          [this, which, fetcher](const caf::error&) {
            self->send_exit(fetcher, caf::exit_reason::user_shutdown);
            finish(which, error{errc::unavailable, "it was given up", {}});
          });
}

// Each of those that have waited is looked at once more, and waits no longer.
void key_keeper_state::finish(std::size_t which, result<std::shared_ptr<const key_set>> got) {
  auto& kept = issuers[which];
  if (!got)
    parts.log(fmt::format("the keys of [access.oidc.{}] could not be fetched from {}: {}. Its "
                          "tokens are refused where those that were fetched before do not do",
                          kept.issuer().name, kept.issuer().url, got.error().message));
  const auto now = self->clock().now();
  for (auto& login : kept.note_end(got ? *got : nullptr, now)) {
    const auto step = kept.next_step(login.key, now);
    if (step == key_step::check)
      login.promise.deliver(check_by_keys(kept, login.asked));
    else if (got)
      login.promise.deliver(result<principal>{no_valid_credential()});
    else
      login.promise.deliver(result<principal>{issuer_is_silent()});
  }
}

result<principal> key_keeper_state::check_by_keys(kept_keys& kept, const check_token& asked) {
  const auto token = kept.keys().verify(asked.token);
  if (!token) {
    report(kept, false, token.error().message);
    return no_valid_credential();
  }
  const auto verdict = judge(kept.issuer(), *token, parts.now());
  if (verdict.fault && *verdict.fault != oidc_fault::expired) {
    const auto who = verdict.user.empty() ? std::string{} : " (" + verdict.user + ")";
    report(kept, true, fmt::format("it {}{}", to_string(*verdict.fault), who));
    return no_valid_credential();
  }
  principal who{.name = verdict.user,
                .grant = *verdict.grant,
                .credential = credential::oidc,
                .expires_at = token->expires_at,
                .address = asked.address};
  if (verdict.fault)
    return credential_expired(who);
  return who;
}

void key_keeper_state::report(kept_keys& kept, bool is_signed, std::string_view why) {
  if (kept.may_report(is_signed, self->clock().now()))
    parts.log(fmt::format("a token of [access.oidc.{}] was refused: {}. Others within a minute are "
                          "not told",
                          kept.issuer().name, why));
}

key_keeper_actor::behavior_type key_keeper(asking_pointer<key_keeper_actor, key_keeper_state> self,
                                           key_keeper_parts parts) {
  self->state.self = self;
  for (const auto& issuer : parts.issuers)
    self->state.issuers.emplace_back(issuer);
  self->state.parts = std::move(parts);
  return {[self](const check_token& asked) { return self->state.check(asked); }};
}

} // namespace pawl
