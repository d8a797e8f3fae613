#include "lifecycle/access.hpp"

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
  const bool reads_some = what == permission::read;
  return reads_some || covers(who.grant, app, cluster) ? verdict::granted : verdict::forbidden;
}

} // namespace pawl
