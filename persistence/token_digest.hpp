// How the store knows a token.
#pragma once

#include "lifecycle/secret.hpp"

#include <string>

namespace pawl {

// "sha256:" and 64 hexadecimal digits. A token has 256 random bits: a digest that is quick to make
// is as hard to turn around as a slow one.
std::string token_digest(const secret& token);

} // namespace pawl
