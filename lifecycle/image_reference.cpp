#include "lifecycle/image_reference.hpp"

#include "lifecycle/limits.hpp"
#include "lifecycle/names.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::size_t repository_bytes = 255;
constexpr std::size_t tag_bytes = 128;

bool is_lower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_alphanumeric(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool is_port(std::string_view text) {
  constexpr int most = 65535;
  int port = 0;
  for (char c : text) {
    if (c < '0' || c > '9' || port > most)
      return false;
    port = 10 * port + (c - '0');
  }
  return port >= 1 && port <= most;
}

// Letters and digits, with one dot, one or two underscores, or any hyphens between them.
bool is_path_component(std::string_view text) {
  if (text.empty() || !is_lower(text.front()) || !is_lower(text.back()))
    return false;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                                  [](char c) { return is_lower(c); });
    const auto between = text.substr(at, static_cast<std::size_t>(end - text.begin()) - at);
    const bool hyphens = between.find_first_not_of('-') == std::string_view::npos;
    if (!hyphens && between != "." && between != "_" && between != "__")
      return false;
    at += between.size() + 1;
  }
  return true;
}

bool is_repository(std::string_view text) {
  if (text.size() > repository_bytes)
    return false;
  while (true) {
    const auto slash = text.find('/');
    if (!is_path_component(text.substr(0, slash)))
      return false;
    if (slash == std::string_view::npos)
      return true;
    text.remove_prefix(slash + 1);
  }
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= tag_bytes && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_host_label(std::string_view text) {
  return !text.empty() && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || c == '-'; });
}

bool is_host(std::string_view text) {
  if (text.size() > limits::host_name_bytes)
    return false;
  if (text.starts_with('['))
    return text.ends_with(']') && text.size() > 2 &&
           text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdef:.") ==
               std::string_view::npos;
  while (true) {
    const auto dot = text.find('.');
    if (!is_host_label(text.substr(0, dot)))
      return false;
    if (dot == std::string_view::npos)
      return true;
    text.remove_prefix(dot + 1);
  }
}

} // namespace

bool is_registry_name(std::string_view text) {
  const auto host = text.starts_with('[') ? text.find(']') : std::size_t{0};
  if (host == std::string_view::npos)
    return false;
  const auto colon = text.find(':', host);
  if (colon == std::string_view::npos)
    return is_host(text);
  return is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

std::optional<image_reference> parse_image_reference(std::string_view name) {
  if (name.size() > limits::image_name_bytes)
    return std::nullopt;
  image_reference made;
  if (const auto at = name.find('@'); at != std::string_view::npos) {
    made.digest = name.substr(at + 1);
    if (!is_digest(made.digest))
      return std::nullopt;
    name = name.substr(0, at);
  }
  const auto slash = name.find('/');
  const auto first = name.substr(0, slash);
  const bool has_host =
      slash != std::string_view::npos &&
      (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
  made.registry = has_host ? first : "docker.io";
  if (has_host)
    name.remove_prefix(slash + 1);
  if (made.registry == "index.docker.io")
    made.registry = "docker.io";
  if (const auto colon = name.find(':'); colon != std::string_view::npos) {
    made.tag = name.substr(colon + 1);
    if (!is_tag(made.tag))
      return std::nullopt;
    name = name.substr(0, colon);
  }
  made.repository = name;
  if (!is_registry_name(made.registry) || !is_repository(made.repository))
    return std::nullopt;
  if (made.registry == "docker.io" && made.repository.find('/') == std::string::npos)
    made.repository.insert(0, "library/");
  return made;
}

} // namespace pawl
