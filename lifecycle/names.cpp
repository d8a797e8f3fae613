#include "lifecycle/names.hpp"

#include "lifecycle/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pawl {

namespace {

// Crockford's base 32, in lower case: no i, l, o, u, so that an id can be read aloud.
constexpr std::string_view id_alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

} // namespace

std::string to_string(version_number version) {
  return fmt::format("v{}", version.value);
}

std::optional<version_number> parse_version(std::string_view text) {
  if (text.starts_with('v'))
    text.remove_prefix(1);
  if (text.empty() || text.front() < '1' || text.front() > '9')
    return std::nullopt;
  version_number version;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), version.value);
  if (problem != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return version;
}

result<void> check_name(std::string_view what, std::string_view name) {
  bool fits = !name.empty() && name.size() <= limits::name_bytes &&
              is_name_character(name.front()) && is_name_character(name.back()) &&
              std::all_of(name.begin(), name.end(),
                          [](char c) { return is_name_character(c) || c == '-'; });
  if (fits)
    return {};
  auto shown = name.substr(0, limits::name_bytes);
  return error{
      errc::invalid_argument,
      fmt::format("\"{}\" cannot be the name of {} {}: use 1 to {} lower-case letters, digits "
                  "and hyphens, with no hyphen at either end",
                  shown, what == "app" ? "an" : "a", what, limits::name_bytes),
      {{std::string{what}, std::string{shown}}}};
}

result<void> check_request_id(std::string_view id) {
  bool fits = !id.empty() && id.size() <= limits::request_id_bytes &&
              std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (fits)
    return {};
  return error{errc::invalid_argument,
               fmt::format("a request id has 1 to {} printable ASCII characters and no spaces",
                           limits::request_id_bytes),
               {}};
}

bool is_digest(std::string_view text) {
  constexpr std::string_view scheme = "sha256:";
  constexpr std::size_t digits = 64;
  return text.size() == scheme.size() + digits && text.starts_with(scheme) &&
         text.find_first_not_of("0123456789abcdef", scheme.size()) == std::string_view::npos;
}

std::string make_deployment_id(timestamp at, std::uint64_t random) {
  constexpr auto random_end = limits::deployment_id_random;
  constexpr auto bits = 5U; // of a character
  std::string id(limits::deployment_id_bytes, '0');
  for (std::size_t i = 0; i < random_end; ++i, random >>= bits)
    id[i] = id_alphabet[random & 31U];
  auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(at.time_since_epoch().count(), 0));
  for (std::size_t i = id.size(); i-- > random_end; ms >>= bits)
    id[i] = id_alphabet[ms & 31U];
  return id;
}

std::string instance_name(std::string_view deployment, std::size_t n) {
  return fmt::format("{}-{}", deployment, n);
}

std::string instance_name(std::string_view deployment, std::string_view process, std::size_t n) {
  return process == web_process ? instance_name(deployment, n)
                                : fmt::format("{}-{}-{}", deployment, process, n);
}

std::string_view process_of_instance(std::string_view name) {
  const auto first = name.find('-');
  const auto last = name.rfind('-');
  return first == last ? web_process : name.substr(first + 1, last - first - 1);
}

std::string_view deployment_of_instance(std::string_view name) {
  return name.substr(0, name.find('-'));
}

bool is_deployment_id_prefix(std::string_view text) {
  return !text.empty() && text.size() <= limits::deployment_id_bytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return id_alphabet.find(c) != std::string_view::npos; });
}

} // namespace pawl
