// IP addresses as people write them into files and the router lists them. Pure: no name is looked
// up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawl {

// Whether the text is an address, "10.1.2.3" or "::1", without a port or brackets.
bool is_ip_address(std::string_view text);

// "127.0.0.1:80" or "[::1]:80" with a port from 1 to 65535, in the one form that the system writes;
// nothing for any other text, also for the name of a host.
std::optional<std::string> canonical_endpoint(std::string_view text);

// An address, "10.1.2.3" or "::1", or a network, "10.0.0.0/8" or "fd00::/8"; in the form that the
// system writes. Nothing for any other text, and for a network that has bits of an address behind
// its prefix, as "10.1.2.3/8" has: it is not known which of the two was meant.
std::optional<std::string> canonical_network(std::string_view text);

// The text under which limits for one address count it: itself, or for IPv6 the network of 64 bits
// around it, of which one machine has all addresses. `address` is one, as the system writes it.
std::string counted_address(std::string_view address);

} // namespace pawl
