#include "persistence/token_digest.hpp"

#include "posix/digest.hpp"

namespace pawl {

std::string token_digest(const secret& token) {
  digest sum;
  sum.add(token.reveal());
  return sum.text();
}

} // namespace pawl
