// The descriptors 0, 1 and 2, which every program takes for granted.
#pragma once

namespace pawl {

// Opens /dev/null as each of them that is closed. Else the next file or socket that the program
// opens gets that number, and whatever is printed goes into it. For main() to call first; false,
// with errno, if /dev/null cannot be opened.
bool open_standard_streams();

} // namespace pawl
