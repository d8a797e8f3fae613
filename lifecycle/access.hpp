// Who may do what: roles, actions, and the one function that decides.
#pragma once

#include "lifecycle/timestamp.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

// Each role may do all that those before it may.
enum class role : std::uint8_t { view, deploy, admin };

// The kinds of requests, as far as rights are concerned.
enum class permission : std::uint8_t {
  read, // records, journals, logs, versions, status; names of variables
  deploy,
  cancel,
  rollback,
  promote,
  scale,
  restart,
  run,
  configure, // variables and domains
  freeze,    // and unfreeze
  override_freeze,
  destroy, // volumes and apps
  read_audit,
  manage_tokens,
};

struct permission_info {
  pawl::permission permission;
  std::string_view name; // in the audit journal
  role least;
};

inline constexpr auto permission_table = std::to_array<permission_info>({
    {permission::read, "read", role::view},
    {permission::deploy, "deploy", role::deploy},
    {permission::cancel, "cancel", role::deploy},
    {permission::rollback, "rollback", role::deploy},
    {permission::promote, "promote", role::deploy},
    {permission::scale, "scale", role::deploy},
    {permission::restart, "restart", role::deploy},
    {permission::run, "run", role::deploy},
    {permission::configure, "configure", role::deploy},
    {permission::freeze, "freeze", role::admin},
    {permission::override_freeze, "override_freeze", role::admin},
    {permission::destroy, "destroy", role::admin},
    {permission::read_audit, "read_audit", role::admin},
    {permission::manage_tokens, "manage_tokens", role::admin},
});

constexpr const permission_info& info(permission what) noexcept {
  return permission_table[static_cast<std::size_t>(what)];
}

static_assert(
    [] {
      for (std::size_t i = 0; i < permission_table.size(); ++i)
        if (static_cast<std::size_t>(permission_table[i].permission) != i)
          return false;
      return true;
    }(),
    "the table's rows stand in the order of the permissions");

std::string_view to_string(role which);
std::optional<role> parse_role(std::string_view name);

// How somebody has shown who they are.
enum class credential : std::uint8_t { socket, token, certificate, oidc };

std::string_view to_string(credential kind);
std::optional<credential> parse_credential(std::string_view name);

// Whether it can be the name of a user: 1 to limits::user_name_bytes, and no control characters.
bool is_user_name(std::string_view name);

// The rights of somebody: a role, and where it counts. An empty list of apps or clusters means all.
struct grant {
  pawl::role role = pawl::role::view;
  std::vector<std::string> apps = {};
  std::vector<std::string> clusters = {};

  friend bool operator==(const grant&, const grant&) = default;
};

// Somebody who has shown who they are: in whose name a connection speaks.
struct principal {
  std::string name; // `by` in records
  pawl::grant grant = {};
  pawl::credential credential = pawl::credential::socket;
  std::optional<timestamp> expires_at = {}; // of the credential
  std::string address = {};                 // where the client is: an IP address, or "unix"

  friend bool operator==(const principal&, const principal&) = default;
};

enum class verdict : std::uint8_t {
  granted,
  forbidden, // permission_denied: the app and the cluster are seen, the action is not granted
  hidden,    // the same answer as for a name that nobody ever used
};

// Whether the app and the cluster exist for the principal. Nothing stands for all of them, which
// only somebody whose list is empty covers.
bool covers(const grant& given, std::optional<std::string_view> app,
            std::optional<std::string_view> cluster);

// Whether all that `inner` allows, `outer` allows too.
bool is_within(const grant& inner, const grant& outer);

// Whether a grant shows all apps in all clusters.
inline bool shows_all(const grant& given) {
  return given.apps.empty() && given.clusters.empty();
}

// Decides, from nothing but its arguments. `app` or `cluster` is nothing where a request names
// none: reading all is granted, and lists leave out what is not covered; changing all is granted
// only to those who cover all.
verdict authorize(const principal& who, permission what, std::optional<std::string_view> app,
                  std::optional<std::string_view> cluster);

} // namespace pawl
