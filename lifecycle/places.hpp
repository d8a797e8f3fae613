// Places that many share, as the connections of a server: how many of them one may take.
#pragma once

#include <cstddef>

namespace pawl {

// Whether somebody who has `own` of the places, of which all together have taken `taken`, may take
// one more: while they have fewer than are free. So one alone gets half of them; and however many
// take all that they may, a place is left for somebody who has none.
constexpr bool may_take_another(std::size_t own, std::size_t taken, std::size_t places) {
  return taken < places && own < places - taken;
}

} // namespace pawl
