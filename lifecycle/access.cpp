#include "lifecycle/access.hpp"

#include "lifecycle/limits.hpp"

#include <algorithm>

namespace pawl {

namespace {

constexpr std::array<std::string_view, 3> role_names{"view", "deploy", "admin"};
constexpr std::array<std::string_view, 4> credential_names{"socket", "token", "certificate",
                                                           "oidc"};

bool covers_name(const std::vector<std::string>& granted, std::optional<std::string_view> name) {
  if (granted.empty())
    return true;
  return name && std::find(granted.begin(), granted.end(), *name) != granted.end();
}

// An empty list names all.
bool are_within(const std::vector<std::string>& inner, const std::vector<std::string>& outer) {
  return outer.empty() ||
         (!inner.empty() && std::all_of(inner.begin(), inner.end(), [&](const std::string& name) {
           return covers_name(outer, name);
         }));
}

} // namespace

std::string_view to_string(role which) {
  return role_names.at(static_cast<std::size_t>(which));
}

std::optional<role> parse_role(std::string_view name) {
  const auto found = std::find(role_names.begin(), role_names.end(), name);
  if (found == role_names.end())
    return std::nullopt;
  return static_cast<role>(found - role_names.begin());
}

std::string_view to_string(credential kind) {
  return credential_names.at(static_cast<std::size_t>(kind));
}

std::optional<credential> parse_credential(std::string_view name) {
  const auto found = std::find(credential_names.begin(), credential_names.end(), name);
  if (found == credential_names.end())
    return std::nullopt;
  return static_cast<credential>(found - credential_names.begin());
}

bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= limits::user_name_bytes &&
         std::none_of(name.begin(), name.end(),
                      [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

bool is_within(const grant& inner, const grant& outer) {
  return inner.role <= outer.role && are_within(inner.apps, outer.apps) &&
         are_within(inner.clusters, outer.clusters);
}

bool covers(const grant& given, std::optional<std::string_view> app,
            std::optional<std::string_view> cluster) {
  return covers_name(given.apps, app) && covers_name(given.clusters, cluster);
}

verdict authorize(const principal& who, permission what, std::optional<std::string_view> app,
                  std::optional<std::string_view> cluster) {
  const bool names_hidden = (app && !covers_name(who.grant.apps, app)) ||
                            (cluster && !covers_name(who.grant.clusters, cluster));
  if (names_hidden)
    return verdict::hidden;
  if (who.grant.role < info(what).least)
    return verdict::forbidden;
  const bool reads_some = what == permission::read || what == permission::read_audit;
  return reads_some || covers(who.grant, app, cluster) ? verdict::granted : verdict::forbidden;
}

} // namespace pawl
