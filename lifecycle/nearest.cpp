#include "lifecycle/nearest.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace pawl {

namespace {

// Edits (insert, delete, replace) between two words; the words are short.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

} // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t longest_word = 64; // of a key; a longer one is no slip of the pen
  if (word.size() > longest_word)
    return std::nullopt;
  std::optional<std::string> best;
  auto best_distance = std::numeric_limits<std::size_t>::max();
  for (const auto& each : known) {
    auto distance = edit_distance(word, each);
    if (distance < best_distance && distance <= std::max<std::size_t>(2, each.size() / 3)) {
      best = each;
      best_distance = distance;
    }
  }
  return best;
}

} // namespace pawl
