// When the keys of an issuer of tokens are fetched, and for how long they count. Pure.
#pragma once

#include "lifecycle/limits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace pawl {

// The keys of an issuer, as this server has them at one moment.
struct issuer_keys_age {
  std::optional<std::chrono::milliseconds> since_fetched = {}; // nothing: never
  std::optional<std::chrono::milliseconds> since_tried = {};   // to fetch them; nothing: never
  bool fetching = false;                                       // now
  bool failed = false;                                         // the last time that it was tried
};

// How to go on with a token.
enum class key_step : std::uint8_t {
  check,           // by the keys that are there
  check_and_fetch, // the same, and they are to be fetched anew beside it
  fetch,           // and look again when they are there
  wait,            // they are being fetched
  refuse,          // its key is none of the issuer's
  unavailable,     // nobody can say: the issuer did not answer
};

// `knows_key`: the key that the token names is among those that are there.
//
// They are fetched when there are none, when a token names an unknown one, and when they are older
// than limits::issuer_keys_fresh: a key may have been withdrawn. Whatever strangers send, it is
// tried once in limits::issuer_keys_pause. Older than limits::issuer_keys_kept they count no more.
constexpr key_step next_key_step(const issuer_keys_age& age, bool knows_key) {
  const bool may_try =
      !age.fetching && (!age.since_tried || *age.since_tried >= limits::issuer_keys_pause);
  const bool counts = age.since_fetched && *age.since_fetched < limits::issuer_keys_kept;
  if (counts && knows_key)
    return may_try && *age.since_fetched >= limits::issuer_keys_fresh ? key_step::check_and_fetch
                                                                      : key_step::check;
  if (may_try)
    return key_step::fetch;
  if (age.fetching)
    return key_step::wait;
  return counts && !age.failed ? key_step::refuse : key_step::unavailable;
}

} // namespace pawl
