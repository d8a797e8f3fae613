#include "lifecycle/network_range.hpp"

#include "lifecycle/ip_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace pawl {

namespace {

constexpr std::string_view link_mark = "pw";
constexpr std::size_t link_digest_digits = 6;
constexpr unsigned range_prefix = 16;
constexpr unsigned address_bits = 32;
constexpr std::array private_networks{ipv4_network{0x0a000000, 8}, ipv4_network{0xac100000, 12},
                                      ipv4_network{0xc0a80000, 16}};

template <class Number>
std::optional<Number> whole_number(std::string_view digits) {
  Number number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, problem] = std::from_chars(digits.data(), end, number);
  if (problem != std::errc{} || stopped != end)
    return std::nullopt;
  return number;
}

std::uint32_t mask_of(unsigned prefix) {
  return prefix == 0 ? 0 : std::numeric_limits<std::uint32_t>::max() << (address_bits - prefix);
}

std::string dotted(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, (address >> 16U) & 0xffU,
                     (address >> 8U) & 0xffU, address & 0xffU);
}

} // namespace

std::optional<ipv4_network> parse_ipv4_network(std::string_view text) {
  const auto canonical = canonical_network(text);
  if (!canonical || canonical->find(':') != std::string::npos)
    return std::nullopt;
  std::string_view rest = *canonical;
  ipv4_network found;
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    found.prefix = whole_number<unsigned>(rest.substr(slash + 1)).value_or(address_bits);
    rest = rest.substr(0, slash);
  }
  while (!rest.empty()) {
    const auto dot = std::min(rest.find('.'), rest.size());
    found.address =
        (found.address << 8U) | whole_number<std::uint8_t>(rest.substr(0, dot)).value_or(0);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
  }
  return found;
}

bool overlap(const ipv4_network& one, const ipv4_network& other) noexcept {
  const auto common = mask_of(std::min(one.prefix, other.prefix));
  return (one.address & common) == (other.address & common);
}

std::optional<network_range> network_range::parse(std::string_view text) {
  const auto network = parse_ipv4_network(text);
  if (!network || network->prefix != range_prefix ||
      std::none_of(private_networks.begin(), private_networks.end(),
                   [&](const ipv4_network& each) { return overlap(each, *network); }))
    return std::nullopt;
  return network_range{*network};
}

std::string network_range::gateway() const {
  return address_of(1);
}

std::string network_range::address_of(std::uint16_t port) const {
  return dotted(network_.address + port);
}

std::string link_prefix(std::string_view server_digest) {
  return fmt::format("{}{}", link_mark, server_digest.substr(0, link_digest_digits));
}

std::string link_name(std::string_view server_digest, std::uint16_t port) {
  return fmt::format("{}{}", link_prefix(server_digest), port);
}

std::optional<std::uint16_t> port_of_link(std::string_view server_digest, std::string_view name) {
  const auto prefix = link_prefix(server_digest);
  if (!name.starts_with(prefix))
    return std::nullopt;
  const auto port = whole_number<std::uint16_t>(name.substr(prefix.size()));
  return port && link_name(server_digest, *port) == name ? port : std::nullopt; // no zeros before
}

bool is_link_name(std::string_view name) {
  if (!name.starts_with(link_mark) || name.size() <= link_mark.size() + link_digest_digits)
    return false;
  const auto digest = name.substr(link_mark.size(), link_digest_digits);
  return digest.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         port_of_link(digest, name).has_value();
}

} // namespace pawl
