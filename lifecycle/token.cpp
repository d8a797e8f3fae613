#include "lifecycle/token.hpp"

#include "lifecycle/limits.hpp"
#include "lifecycle/names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pawl {

namespace {

constexpr std::size_t token_text_bytes = token_prefix.size() + 43;
constexpr std::string_view base64url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

result<void> check_granted(std::string_view what, const std::vector<std::string>& names) {
  if (names.size() > limits::granted_names)
    return error{errc::invalid_argument,
                 fmt::format("{} {}s are named, and the most are {}: name fewer, or none for all",
                             names.size(), what, limits::granted_names),
                 {}};
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (auto good = check_name(what, *name); !good)
      return good;
    if (std::find(names.begin(), name, *name) != name)
      return error{
          errc::invalid_argument, fmt::format("{} \"{}\" is named twice", what, *name), {}};
  }
  return {};
}

} // namespace

secret make_token(const token_randomness& random) {
  std::string text{token_prefix};
  text.reserve(token_text_bytes);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const auto byte : random) {
    bits = bits << 8U | byte;
    for (held += 8; held >= 6; held -= 6)
      text.push_back(base64url[bits >> (held - 6) & 63U]);
  }
  text.push_back(base64url[bits << (6 - held) & 63U]); // 256 bits are 42 characters and 4 bits
  return secret{std::move(text)};
}

bool is_token(std::string_view text) {
  return text.size() == token_text_bytes && text.starts_with(token_prefix) &&
         text.find_first_not_of(base64url, token_prefix.size()) == std::string_view::npos;
}

result<void> check_grant(const grant& given) {
  auto good = check_granted("app", given.apps);
  return good ? check_granted("cluster", given.clusters) : good;
}

} // namespace pawl
