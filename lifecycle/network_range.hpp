// The addresses of isolated sandboxes, and the names of their links. Both follow from the port
// that the sandbox has leased: no two sandboxes of a machine have the same port, and a record with
// a port tells the rest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pawl {

// An IPv4 network: the addresses that begin with these bits.
struct ipv4_network {
  std::uint32_t address = 0;
  unsigned prefix = 32;

  friend bool operator==(const ipv4_network&, const ipv4_network&) = default;
};

// "10.0.0.0/8", or "10.1.2.3" for one address; nothing for any other text.
std::optional<ipv4_network> parse_ipv4_network(std::string_view text);

// Whether some address is in both.
bool overlap(const ipv4_network& one, const ipv4_network& other) noexcept;

// A private network of 65,536 addresses.
class network_range {
public:
  // "10.213.0.0/16"; nothing if it is not private or has another size.
  static std::optional<network_range> parse(std::string_view text);

  const ipv4_network& network() const noexcept { return network_; }

  // The machine's address on each link.
  std::string gateway() const;

  // The address of the sandbox with this port, which is its lower half. The gateway's is that of
  // port 1, which is never leased.
  std::string address_of(std::uint16_t port) const;

private:
  explicit network_range(ipv4_network network) : network_(network) {}

  ipv4_network network_;
};

// The machine's end of a sandbox's link: "pw", six digits of the digest of the server's data
// directory, and the port. The kernel allows 15 characters. `server_digest` is in hexadecimal.
std::string link_name(std::string_view server_digest, std::uint16_t port);

// How the names of all links of a server begin.
std::string link_prefix(std::string_view server_digest);

// The port of the link with this name, if it is one of this server's.
std::optional<std::uint16_t> port_of_link(std::string_view server_digest, std::string_view name);

// Whether it is the name of a link of any server.
bool is_link_name(std::string_view name);

} // namespace pawl
