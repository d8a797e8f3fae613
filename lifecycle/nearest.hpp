// Guesses which of the known names a person meant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// The name of `known` that a person who wrote `word` probably meant: the one within two edits (or a
// third of its length). Nothing if none is near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

} // namespace pawl
