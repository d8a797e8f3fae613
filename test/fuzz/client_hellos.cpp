#include "gateway/transport/hello_gate.hpp"
#include "test/fuzz/properties.hpp"

#include <algorithm>

namespace pawl::test {

// The verdict does not depend on the pieces in which the bytes come, and once it is no it stays so.
// The first byte says how large they are.
void fuzz_client_hellos(fuzz_input in) {
  const std::size_t piece = 1 + take_byte(in) % 32;
  gateway::hello_gate whole;
  const bool admitted = whole.admits(in);
  gateway::hello_gate in_pieces;
  bool so_far = true;
  for (auto rest = in; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
    const bool now = in_pieces.admits(rest.first(std::min(piece, rest.size())));
    demand(so_far || !now, "a client that was refused stays refused");
    so_far = now;
  }
  demand(in.empty() || admitted == so_far, "a verdict does not depend on pieces");
}

} // namespace pawl::test
