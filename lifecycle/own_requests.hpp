// The request ids of deployments that the server makes by itself.
#pragma once

#include <string_view>

namespace pawl {

// The beginning of such an id. A client's id may not begin so, so no client can have claimed one.
inline constexpr std::string_view own_request_prefix = "pawl:";

} // namespace pawl
