#include "posix/random_token.hpp"

#include "lifecycle/token.hpp"

#include <cstring>
#include <sys/random.h>

namespace pawl {

secret random_token() {
  token_randomness random{};
  // So few bytes always come at once, and whole.
  while (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
  }
  auto token = make_token(random);
  ::explicit_bzero(random.data(), random.size());
  return token;
}

} // namespace pawl
