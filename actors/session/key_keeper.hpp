// Keeps the public keys of the issuers of signed tokens, and checks tokens by them.
#pragma once

#include "actors/identity_messages.hpp"
#include "actors/runtime/asking.hpp"
#include "lifecycle/issuer_keys.hpp"

#include <caf/actor_clock.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace pawl {

struct key_keeper_parts {
  std::shared_ptr<const issuer_client> client;
  std::vector<oidc_issuer> issuers;
  std::function<timestamp()> now;
  std::function<void(std::string_view)> log;
};

// The keys of one issuer, and the logins that wait for them: limits::logins_waiting at most.
class kept_keys {
public:
  using time_point = caf::actor_clock::time_point;

  struct login {
    check_token asked;
    std::string key; // that the token names
    caf::typed_response_promise<result<principal>> promise;
  };

  explicit kept_keys(oidc_issuer issuer) : issuer_(std::move(issuer)) {}

  const oidc_issuer& issuer() const { return issuer_; }

  key_step next_step(std::string_view key, time_point now) const;
  bool may_wait() const { return waiting_.size() < limits::logins_waiting; }
  void wait(login one) { waiting_.push_back(std::move(one)); }

  void note_begin(time_point now);
  // Gives those that have waited.
  std::vector<login> note_end(std::shared_ptr<const key_set> fetched, time_point now);

  // Only where next_step() said `check`.
  const key_set& keys() const { return *keys_; }

  // Whether the log is to be told of a refusal, whose signature was right or not.
  bool may_report(bool is_signed, time_point now);

private:
  oidc_issuer issuer_;
  std::shared_ptr<const key_set> keys_;
  std::optional<time_point> fetched_;
  std::optional<time_point> tried_;
  std::array<std::optional<time_point>, 2> reported_;
  bool fetching_ = false;
  bool failed_ = false;
  std::vector<login> waiting_;
};

struct key_keeper_state {
  static inline const char* name = "key_keeper";

  asking_pointer<key_keeper_actor, key_keeper_state> self;
  key_keeper_parts parts;
  std::vector<kept_keys> issuers = {};

  caf::result<result<principal>> check(const check_token& asked);

private:
  // The place in `issuers`, or past their end.
  std::size_t find(std::string_view url) const;
  void fetch(std::size_t which);
  void finish(std::size_t which, result<std::shared_ptr<const key_set>> got);
  result<principal> check_by_keys(kept_keys& kept, const check_token& asked);
  void report(kept_keys& kept, bool is_signed, std::string_view why);
};

// Does not block: the keys are fetched by a KEY FETCHER. There is one for the server.
key_keeper_actor::behavior_type key_keeper(asking_pointer<key_keeper_actor, key_keeper_state> self,
                                           key_keeper_parts parts);

} // namespace pawl
