// What keeps credentials out of messages that quote what people wrote. A credential in its place is
// a `secret`; one that was given as another option, as a name, or in the wrong line of a file, has
// no type by which it is known, and is known by its form.
#pragma once

#include "lifecycle/error.hpp"

#include <string>
#include <string_view>

namespace pawl {

// The text with "(a token)" in the place of each token of ours and each signed token in it, and "(a
// private key)" in that of each private key in PEM format. A token of ours is also found if it was
// cut, or has more characters than it should.
std::string concealed(std::string_view text);

// The same of its message and its details.
error concealed(error problem);

} // namespace pawl
