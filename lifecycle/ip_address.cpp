#include "lifecycle/ip_address.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

namespace pawl {

namespace {

struct ip_address {
  std::vector<std::uint8_t> bytes; // 4 or 16
  std::string text;
};

std::optional<ip_address> parse_as(int family, std::size_t size, const std::string& text) {
  if (text.find('\0') != std::string::npos) // inet_pton() would read up to it, and no more
    return std::nullopt;
  ip_address found;
  std::array<std::uint8_t, sizeof(in6_addr)> binary{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  if (::inet_pton(family, text.c_str(), binary.data()) != 1)
    return std::nullopt;
  found.text = ::inet_ntop(family, binary.data(), written.data(), written.size());
  found.bytes.assign(binary.begin(), binary.begin() + static_cast<std::ptrdiff_t>(size));
  return found;
}

std::optional<ip_address> parse_v4(std::string_view text) {
  return parse_as(AF_INET, sizeof(in_addr), std::string{text});
}

std::optional<ip_address> parse_v6(std::string_view text) {
  return parse_as(AF_INET6, sizeof(in6_addr), std::string{text});
}

// A whole number without sign, of nothing but digits.
std::optional<unsigned> parse_number(std::string_view digits, unsigned most) {
  unsigned number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, problem] = std::from_chars(digits.data(), end, number);
  if (problem != std::errc{} || stopped != end || number > most)
    return std::nullopt;
  return number;
}

bool has_bits_behind(const std::vector<std::uint8_t>& bytes, std::size_t prefix) {
  for (std::size_t bit = prefix; bit < bytes.size() * 8; ++bit)
    if ((bytes[bit / 8] & (0x80U >> (bit % 8))) != 0)
      return true;
  return false;
}

} // namespace

bool is_ip_address(std::string_view text) {
  return parse_v4(text) || parse_v6(text);
}

std::optional<std::string> canonical_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto port = parse_number(text.substr(colon + 1), 65535);
  if (!port || *port == 0)
    return std::nullopt;
  const auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const auto ip = parse_v6(host.substr(1, host.size() - 2));
    return ip ? std::optional(fmt::format("[{}]:{}", ip->text, *port)) : std::nullopt;
  }
  const auto ip = parse_v4(host);
  return ip ? std::optional(fmt::format("{}:{}", ip->text, *port)) : std::nullopt;
}

std::optional<std::string> canonical_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  auto ip = parse_v4(host);
  if (!ip)
    ip = parse_v6(host);
  if (!ip || slash == std::string_view::npos)
    return ip ? std::optional(ip->text) : std::nullopt;
  const auto prefix =
      parse_number(text.substr(slash + 1), static_cast<unsigned>(ip->bytes.size() * 8));
  if (!prefix || has_bits_behind(ip->bytes, *prefix))
    return std::nullopt;
  return fmt::format("{}/{}", ip->text, *prefix);
}

std::string counted_address(std::string_view address) {
  in6_addr binary{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  if (::inet_pton(AF_INET6, std::string{address}.c_str(), &binary) != 1)
    return std::string{address};
  std::fill(std::begin(binary.s6_addr) + 8, std::end(binary.s6_addr), std::uint8_t{0});
  return fmt::format("{}/64", ::inet_ntop(AF_INET6, &binary, written.data(), written.size()));
}

} // namespace pawl
