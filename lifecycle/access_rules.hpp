// Who may do what, as the server's configuration says.
#pragma once

#include "lifecycle/oidc.hpp"

#include <map>

namespace pawl {

// A change of it needs a restart.
struct access_rules {
  std::map<std::string, grant> users = {}; // [access.users], by name
  std::uint32_t own_uid = 0;               // of pawld: admin, as root is
  std::vector<oidc_issuer> issuers = {};   // [access.oidc.NAME]
};

} // namespace pawl
