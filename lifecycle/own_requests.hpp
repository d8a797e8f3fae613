// The request ids of deployments that the server makes by itself.
#pragma once

#include <string_view>

namespace pawl {

// They begin so, and a client's may not: nobody else can have claimed one.
inline constexpr std::string_view own_request_prefix = "pawl:";

} // namespace pawl
