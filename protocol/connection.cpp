#include "protocol/connection.hpp"

#include "protocol/checks.hpp"

#include <fmt/format.h>

namespace pawl::protocol {

using namespace checks;

result<void> check(const hello& m) {
  return first_error(at_most("a program's name", m.program.size(), limits::program_bytes),
                     at_most("a token", m.token.size(), limits::token_bytes));
}

result<void> check(const refused& m) {
  return at_most("an error", m.error.details.size(), limits::record_members, "details");
}

result<void> check_version(const hello& theirs, std::string_view our_side) {
  if (theirs.protocol == version)
    return {};
  auto their_side = printable_start(theirs.program);
  bool we_are_older = theirs.protocol > version;
  return error{errc::invalid_argument,
               fmt::format("{} speaks version {} of the protocol, {} version {}: upgrade {}",
                           our_side, version, their_side, theirs.protocol,
                           we_are_older ? our_side : std::string_view{their_side}),
               {{"ours", std::to_string(version)}, {"theirs", std::to_string(theirs.protocol)}}};
}

} // namespace pawl::protocol
